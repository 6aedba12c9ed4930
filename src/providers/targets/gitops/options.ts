import type { Clock } from "../../../model/clock.ts";
import type { HealthOptions } from "./health/health.ts";
import type { ManifestsKind } from "./manifests/manifests.ts";

export interface GitopsTargetOptions {
  readonly environment: string;
  /** `https://host/owner/manifests` */
  readonly repository: string;
  /** `main` */
  readonly branch: string;
  /** The directory of this environment in the repository; `.` for its root. */
  readonly path: string;
  /** Where the image of each service stands; files are relative to `path`. */
  readonly manifests: ManifestsKind;
  readonly token: string;
  /** For errors: `the value MANIFESTS_TOKEN in --secrets`. */
  readonly tokenAt: string;
  /** @default "x-access-token" */
  readonly username?: string | undefined;
  /** Where people find each service: for smoke tests and status. */
  readonly urls: Readonly<Record<string, string>>;
  readonly health: HealthOptions;
  readonly clock: Clock;
  /** Between two looks at the health. @default 5 */
  readonly pollSeconds?: number | undefined;
  /** How long a release that is there may be unhealthy before it has failed, in seconds. @default 60 */
  readonly degradedSeconds?: number | undefined;
  /** Who deploys, for the commits: `ada@laptop`. */
  readonly actor?: string | undefined;
}
