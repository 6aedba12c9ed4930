import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  migrationsHtml,
  migrationsMarkdown,
  migrationsSarif,
  migrationsText,
} from "../../../src/report/migrations/migrations.ts";
import { noChromium, withPage } from "../../support/chromium.ts";
import { commands, forecastOf, reportOn, reportOnFiles, users } from "./review.ts";

const evil = `x</style></code><script>alert(1)</script><img src=https://example.com/a onerror="alert(2)">&'\`"`;

async function hostileReport() {
  const name = evil.replaceAll('"', '""');
  const report = await reportOnFiles([
    { name: "0", path: "0.sql", sql: `${users} CREATE TABLE "${name}" (id int, "${name}" text);` },
    {
      name: evil,
      path: `${evil}.sql`,
      sql: `ALTER TABLE "${name}" DROP COLUMN "${name}";\n-- fairway:allow drop-column reason="${evil.replaceAll('"', "")}"\nALTER TABLE users DROP COLUMN name;\nDO $x$ ${evil} ${commands} $x$;`,
    },
  ]);
  const sql = `ALTER TABLE "${name}" ${commands}`;
  const locks = forecastOf({ sql, problem: evil, path: `${evil}.sql`, tables: [evil] });
  return { ...report, notes: [evil], places: new Map([[evil, evil]]), locks };
}

it("nothing that SQL, a name, a path or a reason holds becomes markup, and no character of it moves the text", async () => {
  const page = migrationsHtml(await hostileReport());
  expect(page).toContain("&#60;script&#62;");
  expect(page).not.toMatch(/<(script|img|iframe|link|object)\b/i);
  expect(page.match(/<\/style>/g)).toHaveLength(1);
  // Its own line breaks are the only control characters.
  expect(page).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
});

describe("the page", () => {
  it("has each finding with its place, its rule and the safe way", async () => {
    const page = migrationsHtml(await reportOn(users, "CREATE INDEX users_email ON users (email);"));
    for (const text of ["db/1_x.sql:1", "index-not-concurrent", "Instead:", "CREATE INDEX CONCURRENTLY"])
      expect(page).toContain(text);
  });

  it("without measurements has the locks in their order, and says that it knows no times", async () => {
    const page = migrationsHtml(await reportOn(users, "CREATE INDEX users_email ON users (email);"));
    expect(page).toContain("Locks, in their order");
    expect(page).toContain("<b>SHARE</b> users");
    expect(page).toMatch(/<i class="order writes" style="left:0%;width:100%">/);
    expect(page).not.toMatch(/<i class="(sure|may|unknown) \w+" style/);
  });

  it("draws what is sure, what may be, and what is kept to the end of the file", async () => {
    const page = migrationsHtml({ ...(await reportOn(users, "SELECT 1;")), locks: forecastOf() });
    expect(page).toContain("2 statements in one transaction, takes");
    const bars = [...page.matchAll(/<i class="(\w+) both" style="left:([\d.]+)%;width:([\d.]+)%">/g)];
    expect(bars.map(([, kind]) => kind)).toEqual(["sure", "may", "kept", "sure", "may"]);
    const ends = bars.map(([, , from, width]) => Number(from) + Number(width));
    expect(ends[2]).toBeCloseTo(100, 0);
    expect(ends.at(-1)).toBeCloseTo(100, 0);
  });

  it("draws what is insufficient in another way, with the reason", async () => {
    const noisy = { samples: [], problem: "users could not be filled: no values" };
    const page = migrationsHtml({ ...(await reportOn(users, "SELECT 1;")), locks: forecastOf(noisy) });
    expect(page).toMatch(/<i class="unknown both" style/);
    expect(page).toContain("insufficient: users could not be filled: no values");
  });
});

describe("what was measured", () => {
  it("is in the text and in the comment of a pull request, by transaction", async () => {
    const report = { ...(await reportOn(users, "SELECT 1;")), locks: forecastOf() };
    const held = /ACCESS EXCLUSIVE on users from line 1: reads and writes wait [\d.]+ to [\d.]+ s/;
    expect(migrationsText(report)).toMatch(held);
    expect(migrationsMarkdown(report)).toMatch(held);
  });

  it("is a result of SARIF at its line where it is longer than the limit, and none below it", async () => {
    const report = await reportOn(users, "SELECT 1;");
    const results = (rows: number) =>
      (
        JSON.parse(migrationsSarif({ ...report, locks: forecastOf({}, rows) })) as {
          runs: { results: { ruleId: string }[]; tool: { driver: { rules: { id: string }[] } } }[];
        }
      ).runs.flatMap((run) => run.results.filter(({ ruleId }) => ruleId === "lock-limit"));
    expect(results(3_000_000)).toMatchObject([
      {
        level: "error",
        locations: [
          { physicalLocation: { artifactLocation: { uri: "db/1_x.sql" }, region: { startLine: 1 } } },
        ],
      },
    ]);
    expect(results(100_000)).toEqual([]);
  });
});

describe("in a browser", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "fairway-page-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("it says nothing on the console, asks the network for nothing, and has both schemes of colours", async (test) => {
    test.skip(noChromium !== undefined, noChromium);
    const file = join(directory, "page.html");
    await writeFile(file, migrationsHtml(await hostileReport()));
    await withPage(file, async ({ requests, messages, evaluate, send }) => {
      expect(await evaluate("document.querySelectorAll('.lane').length > 1")).toBe(true);
      const colour = async (value: string) => {
        await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
        return evaluate("getComputedStyle(document.body).backgroundColor");
      };
      expect(await colour("light")).toBe("rgb(255, 255, 255)");
      expect(await colour("dark")).toBe("rgb(20, 24, 29)");
      await send("Emulation.setDeviceMetricsOverride", {
        width: 380,
        height: 800,
        deviceScaleFactor: 1,
        mobile: true,
      });
      expect(await evaluate("document.documentElement.scrollWidth <= 380")).toBe(true);
      expect(requests).toEqual([`file://${file}`]);
      expect(messages).toEqual([]);
    });
  }, 60_000);
});
