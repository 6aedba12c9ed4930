/**
 * `npm run bench`: ratios against a peer, both timed in this run. `npm run bench -- step` runs one of them. With
 * `--json` the figures go to standard output as JSON.
 */
import { cliStart } from "./cli-start.ts";
import { findings } from "./findings.ts";
import { journal } from "./journal.ts";
import { ledger } from "./ledger.ts";
import { migrations } from "./migrations.ts";
import type { Paired } from "./paired.ts";
import { plan } from "./plan.ts";
import { scriptedExecs } from "./scripted-execs.ts";
import { step } from "./step.ts";
import { monorepoCheck, monorepoCheckAll, warmCheck } from "./warm-check.ts";

const benches = {
  step,
  "scripted-execs": scriptedExecs,
  "cli-start": cliStart,
  "warm-check": warmCheck,
  "monorepo-check": monorepoCheck,
  "monorepo-check-all": monorepoCheckAll,
  ledger,
  plan,
  journal,
  migrations,
  findings,
};

const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}

const figures: Paired[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const figure of await bench()) {
    figures.push(figure);
    if (!process.argv.includes("--json")) process.stdout.write(`${line(figure)}\n`);
  }
}
if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);

function line(figure: Paired): string {
  const { title, subject, peer, ratio, lowest, highest, subjectMs, peerMs, pairs } = figure;
  return (
    `${title}: ${ratio.toFixed(2)} (${lowest.toFixed(2)} to ${highest.toFixed(2)}, ${pairs} pairs)\n` +
    `  ${subject} ${subjectMs.toFixed(1)} ms, ${peer} ${peerMs.toFixed(1)} ms`
  );
}
