export { asPayload, findingsChanges } from "./changes.ts";
export { knownFindings, type KnownFindings } from "./known.ts";
export { deadlineAfter, deadlineText, lengthMs, momentText } from "./length.ts";
export { checksStream, findingsChanged, type Sighting, sightingsOf } from "./sightings.ts";
