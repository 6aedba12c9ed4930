import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadScenario, simulateChecked, type CheckedScenario } from "../../src/testing/testing.ts";

type Expectation = CheckedScenario["expect"][number];

const directory = fileURLToPath(new URL("../../examples/scenarios/", import.meta.url));
const files = readdirSync(directory).filter((name) => name.endsWith(".yaml"));

describe.each(files)("examples/scenarios/%s", (file) => {
  const scenario = loadScenario(readFileSync(`${directory}${file}`, "utf8"), file);

  it("holds in all that it expects, and each of it would not hold if it were another", async () => {
    const changed = scenario.expect.flatMap((one) => changedOf(one) ?? []);
    const { expectations } = await simulateChecked({ ...scenario, expect: [...scenario.expect, ...changed] });
    const asWritten = scenario.expect.length;
    expect(expectations.slice(0, asWritten).filter(({ holds }) => !holds)).toEqual([]);
    expect(expectations.slice(asWritten, -1).filter(({ holds }) => holds)).toEqual([]);
    expect(expectations.at(-1)).toMatchObject({ expected: "the ledger proves unbroken", holds: true });
    expect(changed.length).toBeGreaterThan(2);
  });
});

it("are five at least: a freeze, a crash, a source that dies, two people, and a change of the clocks", () => {
  expect(files.length).toBeGreaterThanOrEqual(5);
});

it("the scenario of docs/simulate.md holds", async () => {
  const page = readFileSync(new URL("../../docs/simulate.md", import.meta.url), "utf8");
  const [, text = ""] = /^```yaml\n([\s\S]*?)^```/m.exec(page) ?? [];
  const { expectations } = await simulateChecked(loadScenario(text, "docs/simulate.md"));
  expect(expectations.filter(({ holds }) => !holds)).toEqual([]);
});

/** Null for what is shown to fail by itself: that nothing was done twice. */
function changedOf(one: Expectation): Expectation | null {
  if ("outcome" in one) return { ...one, outcome: one.outcome === "asked" ? "killed" : "asked" };
  if ("live" in one) return { ...one, live: "nothing" };
  if ("serves" in one) return { ...one, serves: "nothing" };
  if ("maintenance" in one) return { ...one, maintenance: one.maintenance === "on" ? "off" : "on" };
  if ("migrated" in one) return { ...one, migrated: [...one.migrated, "9_another"] };
  if ("backups" in one) return { ...one, backups: [...one.backups, "production-99"] };
  if ("history" in one) return { ...one, history: one.history.slice(1) };
  if ("neverTwice" in one) return null;
  const { until, ...always } = one;
  return one.weightAtMost === 0 || until === undefined
    ? { ...always, weightAtMost: one.weightAtMost - 1 }
    : always;
}
