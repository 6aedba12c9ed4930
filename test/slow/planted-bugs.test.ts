import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { commitAll, copyCommittedFiles } from "../../scripts/copy-example.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { ended } from "../e2e/support/repository.ts";
import { fakeNpmRegistry, lodashAdvisory } from "../support/fake-npm-registry.ts";
import { git } from "../support/git-http-server.ts";

const migration = "packages/database/prisma/migrations/20261122120000_no_lines/migration.sql";
const rule = `rules:
  - id: eval-of-user-input
    languages: [typescript]
    severity: ERROR
    message: What a visitor sends is run as code
    pattern: eval($REQUEST.query.$NAME)
`;
const planted: Readonly<Record<string, string>> = {
  "apps/api/src/port.ts": 'export const port: number = "3040";\n',
  "apps/api/test/unit/planted.test.ts":
    'import { expect, it } from "vitest";\nit("adds", () => {\n  expect(1 + 1).toBe(3);\n});\n',
  "apps/api/src/bucket.ts": 'export const key = "AKIAIOSFODNN7ABCDEFG";\n',
  [migration]: 'DROP TABLE "OrderLine";\n',
  "apps/api/src/price.ts":
    "export const price = (request: { query: { rule: string } }): unknown => eval(request.query.rule);\n",
  ".semgrep/eval.yml": rule,
};

it("each planted bug is found by the check that should, in one run that names all of them and exits 1", async () => {
  const shop = await mkdtemp(join(tmpdir(), "fairway-planted-"));
  await using registry = await fakeNpmRegistry({ lodash: [lodashAdvisory] });
  try {
    await copyCommittedFiles("examples/shop", shop);
    await write(shop, ".npmrc", `registry=${registry.url}\n`);
    git(shop, "init", "--quiet", "--initial-branch=main");
    await change(shop, "fairway.yaml", (text) => text.replace(listed, "checks: []\n"));
    await commitAll(shop, "The shop", {});
    // Now somebody uses the table.
    const live = await fairway(shop, "deploy", "--env", "local");
    expect(live.exitCode, live.output).toBe(0);

    for (const [path, text] of Object.entries(planted)) await write(shop, path, text);
    await plantLodash(shop);
    const checks = "typecheck, unit, { scan: secretlint }, { scan: audit }, { scan: semgrep }";
    await change(shop, "fairway.yaml", (text) => text.replace("checks: []", `checks: [${checks}]`));
    await commitAll(shop, "Plant some bugs", {});

    const run = await fairway(shop, "check", "--format", "json");
    expect(run.exitCode, run.output).toBe(1);
    const evidence = JSON.parse(run.stdout) as Evidence[];
    const told = new Map(evidence.map((entry) => [entry.name, entry]));
    const failed = ["migrations", "typecheck", "unit", "secretlint", "audit", "semgrep"];
    expect(evidence.filter(({ verdict }) => verdict === "fail").map(({ name }) => name)).toEqual(failed);
    expect(run.stderr).toContain(`${failed.join(", ")} failed; nothing was changed`);

    expect(told.get("typecheck")).toHaveProperty("details", expect.stringContaining("src/port.ts"));
    expect(told.get("unit")).toHaveProperty("details", expect.stringContaining("planted.test.ts"));
    expect(told.get("secretlint")?.findings).toContainEqual(
      expect.objectContaining({
        title: "AWS Access Key ID",
        locations: [expect.objectContaining({ path: "apps/api/src/bucket.ts", line: 1 })],
      }),
    );
    expect(told.get("audit")?.findings).toMatchObject([
      { rule: "GHSA-35jh-r3h4-6jhm", package: { name: "lodash", versions: ["4.17.20"], fixed: ["4.17.21"] } },
    ]);
    expect(told.get("semgrep")?.findings).toMatchObject([
      { kind: "code", locations: [{ path: "apps/api/src/price.ts", line: 1 }] },
    ]);
    expect(JSON.stringify(told.get("migrations"))).toContain('DROP TABLE \\"OrderLine\\"');
    expect(run.output).not.toContain("AKIAIOSFODNN7ABCDEFG");
  } finally {
    await fairway(shop, "down", "--env", "local", "--remove-data");
    await rm(shop, { recursive: true, force: true });
  }
}, 900_000);

const listed = /^checks:\n(?: {2}- .*\n)+/m;

function fairway(shop: string, ...words: readonly string[]) {
  const bin = join(import.meta.dirname, "../../bin/fairway.js");
  const options = { cwd: shop, env: { ...process.env, CI: "1", NO_COLOR: "1" } };
  return ended(spawn(process.execPath, [bin, ...words], options));
}

async function write(shop: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(shop, path)), { recursive: true });
  await writeFile(join(shop, path), text);
}

async function change(shop: string, path: string, edit: (text: string) => string): Promise<void> {
  await writeFile(join(shop, path), edit(await readFile(join(shop, path), "utf8")));
}

interface Lockfile {
  readonly importers: Record<string, { dependencies: Record<string, object> }>;
  readonly packages: Record<string, object>;
  readonly snapshots: Record<string, object>;
}

/** As `pnpm --filter @shop/api add lodash@4.17.20` leaves it. */
async function plantLodash(shop: string): Promise<void> {
  const version = "4.17.20";
  const integrity =
    "sha512-PlhdFcillOINfeV7Ni6oF1TAEayyZBoZ8bcshTHqOYJYlrqzRK5hagpagky5o4HfCzzd1TRkXPMFq6cKk9rGmA==";
  await change(shop, "apps/api/package.json", (text) => {
    const manifest = JSON.parse(text) as { dependencies: Record<string, string> };
    manifest.dependencies["lodash"] = version;
    return JSON.stringify(manifest, null, 2);
  });
  await change(shop, "pnpm-lock.yaml", (text) => {
    const lockfile = parse(text) as Lockfile;
    lockfile.importers["apps/api"]!.dependencies["lodash"] = { specifier: version, version };
    lockfile.packages[`lodash@${version}`] = { resolution: { integrity } };
    lockfile.snapshots[`lodash@${version}`] = {};
    return stringify(lockfile);
  });
}
