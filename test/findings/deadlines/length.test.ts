import { expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { deadlineAfter, momentText } from "../../../src/findings/deadlines/deadlines.ts";
import { failureOf } from "../../support/failure-of.ts";

const since = new Date("2026-11-22T16:30:00Z");
const config = (findings: object) => validateConfig({ name: "shop", findings }, "test").findings;

it.each([
  ["24 hours", "2026-11-23 16:30 UTC"],
  ["1 day", "2026-11-23"],
  ["7 days", "2026-11-29"],
  ["2 weeks", "2026-12-06"],
  ["1 sprint", "2026-12-06"],
])("%s from first sight end on %s", (high, day) => {
  const { severities, sprint } = config({ severities: { high } });
  if (typeof severities.high === "string") throw new Error("no time");
  expect(momentText(deadlineAfter(since, severities.high, sprint).toISOString())).toBe(day);
});

it("a sprint is as long as the config says", () => {
  const { severities, sprint } = config({ severities: { high: "2 sprints" }, sprint: "3 weeks" });
  if (typeof severities.high === "string") throw new Error("no time");
  expect(momentText(deadlineAfter(since, severities.high, sprint).toISOString())).toBe("2027-01-03");
});

it.each(["0 days", "soon", "7", "1 month", "-1 days", "1 sprints ago"])("%s is no time", async (high) => {
  const refused = await failureOf((async () => config({ severities: { high } }))());
  expect(refused).toMatchObject({ exitCode: 2 });
  expect(refused.message + String(refused.output)).toContain("24 hours, 7 days, 2 weeks, 1 sprint");
});

it("a sprint is not told in sprints", async () => {
  expect(await failureOf((async () => config({ sprint: "1 sprint" }))())).toMatchObject({ exitCode: 2 });
});
