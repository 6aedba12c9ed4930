/** `npm run prisma-changes` has Prisma write the migrations of test/database/review/prisma/changes.ts, and docs/prisma-changes.md from them. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as prettier from "prettier";
import { startPostgres } from "../../src/host/postgres/postgres.ts";
import { recordedPath } from "../../test/database/review/prisma/recorded.ts";
import { writePage } from "./page.ts";
import { writtenByPrisma } from "./prisma.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const directory = await mkdtemp(join(tmpdir(), "fairway-prisma-changes-"));
// Entered by uid 65534, which root runs the server as.
await chmod(directory, 0o755);
try {
  await using postgres = await startPostgres({ dataDirectory: join(directory, "data"), template: true });
  const written = await writtenByPrisma(postgres.url());
  const path = fileURLToPath(recordedPath);
  const options = await prettier.resolveConfig(path);
  await writeFile(path, await prettier.format(JSON.stringify(written), { ...options, filepath: path }));
} finally {
  await rm(directory, { recursive: true, force: true });
}
await writePage(root);
