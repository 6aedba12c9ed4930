import { z } from "zod";
import { postgresVersion, redisVersion } from "./names.ts";

const fresh = "that is started for this check alone";

/** What a script may find beside the repository, where its check says so. */
export const browser = z
  .boolean()
  .default(false)
  .describe(
    "Whether it is run where a browser is: Chromium, or what toolImages.browser has. CHROME_BIN, CHROME_PATH, CHROMIUM_BIN and " +
      "PUPPETEER_EXECUTABLE_PATH say where.",
  );

export const redis = redisVersion
  .nullable()
  .default(null)
  .describe(`Version of a Redis server ${fresh}; its URL is in REDIS_URL.`);

export const postgres = postgresVersion
  .nullable()
  .default(null)
  .describe(
    `Version of a PostgreSQL server ${fresh}, with all migrations where there is a \`database\`; its URL is in that variable, else in DATABASE_URL.`,
  );
