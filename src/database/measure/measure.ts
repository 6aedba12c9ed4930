export type { Estimate } from "./extrapolate.ts";
export { forecastLocks, type Forecast, type RealSizes } from "./forecast.ts";
export type { Growth } from "./growth.ts";
export { liveTableSizes } from "./live-sizes.ts";
export type * from "./measured.ts";
export { type MeasureOptions, measureLocks } from "./step.ts";
export { measuredLocksText } from "./text.ts";
