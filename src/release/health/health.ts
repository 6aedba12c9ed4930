export { checkDependencies, dependencyTimeoutSeconds } from "./dependencies.ts";
export { dependencySecrets, secretsOfChecks } from "./secrets.ts";
export { dependencyTitle } from "./titles.ts";
export { reviewNeeded, watchRelease } from "./watch.ts";
