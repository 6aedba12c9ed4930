import type { EnvironmentConfig } from "../config/config.ts";
import type { ReleaseContext } from "../release/release.ts";

/** What an environment says about giving up, and about watching what was released; in seconds. */
export function watchingOf({
  timeouts,
  afterRelease,
}: EnvironmentConfig): Pick<ReleaseContext, "timeouts" | "afterRelease"> {
  const { deployMinutes, migrateMinutes, operationMinutes } = timeouts;
  return {
    timeouts: { deploy: deployMinutes * 60, migrate: migrateMinutes * 60, operation: operationMinutes * 60 },
    afterRelease:
      afterRelease === null
        ? null
        : {
            seconds: afterRelease.watchSeconds,
            rollBackOn: afterRelease.rollBackOn,
            reviewOn: afterRelease.reviewOn,
          },
  };
}
