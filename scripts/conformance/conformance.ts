/**
 * `npm run conformance`: the cases that were recorded on the real engine, on the embedded one (test/conformance/README.md).
 * Exit 1 where too few answer as recorded, or one differs and nobody said so.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readDifferences } from "./differences.ts";
import { compare, readOutcomes, type Outcome, type Verdict } from "./outcomes.ts";
import { runCorpus } from "./run-corpus.ts";

/** Of all cases, that have to answer exactly as the real engine did. */
const asked = 0.95;

const folder = fileURLToPath(new URL("../../test/conformance", import.meta.url));
const { values } = parseArgs({
  options: {
    area: { type: "string" },
    filter: { type: "string" },
    jobs: { type: "string" },
    compare: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});
const choice = (["area", "filter", "jobs"] as const).flatMap((name) =>
  values[name] === undefined ? [] : [`--${name}`, values[name]],
);
const isPart = values.area !== undefined || values.filter !== undefined;

const recorded = readOutcomes(join(folder, "corpus", "recorded.json"));
const differences = readDifferences(join(folder, "differences.yaml"));
const mine =
  values.compare === undefined
    ? await runCorpus(join(folder, "corpus"), choice)
    : readOutcomes(values.compare);

const verdicts = new Map<string, Verdict>();
for (const [name, outcome] of recorded) {
  if (!isPart || mine.has(name)) verdicts.set(name, compare(outcome, mine.get(name)));
}

const faults: string[] = [];
for (const name of differences.keys()) {
  if (!recorded.has(name)) faults.push(`differences.yaml names a case that is not there: ${name}`);
}
for (const [name, verdict] of verdicts) {
  const known = differences.get(name);
  if (verdict === (known?.verdict ?? "same")) continue;
  const listed = known === undefined ? "is not listed" : `is listed as "${known.verdict}"`;
  faults.push(`${name}\n  ${verdict}, ${listed}${difference(name)}`);
}
if (values.verbose) {
  for (const [name, verdict] of verdicts)
    if (verdict !== "same") print(`${name}\n  ${verdict}${difference(name)}`);
}
table();
const same = [...verdicts.values()].filter((verdict) => verdict === "same").length;
const share = same / verdicts.size;
if (!isPart && share < asked)
  faults.push(`${percent(share)} answer as recorded; ${percent(asked)} are asked for`);
const listed = verdicts.size - same;
print(
  `${same} of ${verdicts.size} cases (${percent(share)}) answer exactly as the real engine; ${listed} otherwise`,
);
if (faults.length > 0)
  print(`\n${faults.join("\n")}\n\n${faults.length} to mend, or to list with the reason in differences.yaml`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** Both outcomes of a case, where they are not the same. */
function difference(name: string): string {
  return `\n  recorded ${shown(recorded.get(name))}\n  here     ${shown(mine.get(name))}`;
}

function shown(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "no outcome";
  const text = JSON.stringify("ok" in outcome ? { ok: outcome.ok } : { error: outcome.error });
  return text.length > 900 ? `${text.slice(0, 900)}…` : text;
}

function table(): void {
  const columns = ["same", "other words", "refused", "other value", "missing"] as const;
  const areas = [...new Set([...recorded.values()].map(({ area }) => area))];
  print(`${"".padEnd(14)}${columns.map((column) => column.padStart(13)).join("")}`);
  for (const area of areas) {
    const of = [...verdicts].filter(([name]) => name.startsWith(`${area}: `)).map(([, verdict]) => verdict);
    if (of.length === 0) continue;
    const counts = columns.map((column) => String(of.filter((verdict) => verdict === column).length));
    print(`${area.padEnd(14)}${counts.map((count) => count.padStart(13)).join("")}`);
  }
}

function percent(share: number): string {
  // Never rounded up to what is asked.
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
