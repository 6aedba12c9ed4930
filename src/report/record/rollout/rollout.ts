import { allowedBy, limitTitle } from "../../../release/analysis/analysis.ts";
import type { LedgerEvent } from "../../../model/ledger.ts";
import { markup, table, type Markup } from "../../markup.ts";
import { visible } from "../words.ts";
import { pointText, traceChart, weightChart } from "./chart.ts";
import { rolloutOf, type Step, type Trace } from "./traces.ts";

/** How visitors got from one version to the next, and by what it was judged; null where all got it at once. */
export function rolloutPictures(events: readonly LedgerEvent[]): Markup | null {
  const rollout = rolloutOf(events);
  if (rollout === null) return null;
  const traces = rollout.traces.map(
    (
      trace,
    ) => markup`<figure><figcaption>${visible(`${trace.service}: ${limitTitle(trace.limit)}`)}</figcaption>
${traceChart(rollout, trace)}
${looksOf(trace)}</figure>
`,
  );
  return markup`<figure><figcaption>Share of the visitors that got the new version</figcaption>
${weightChart(rollout)}</figure>
${rollout.steps.length === 0 ? "" : table(["weight", "ended", ""], rollout.steps.map(stepRow))}
${traces}`;
}

const tones: Readonly<Record<Step["ending"], string>> = {
  ...{ pass: "good", fail: "bad", insufficient: "warn" },
  "cut off": "warn",
};

function stepRow({ percent, ending, because }: Step): readonly Markup[] {
  return [
    markup`<td>${String(percent)} %</td>`,
    markup`<td class="state ${tones[ending]}">${ending}</td>`,
    markup`<td>${visible(because ?? "")}</td>`,
  ];
}

/** The same for those who do not see pictures. */
function looksOf({ points, limit }: Trace): Markup {
  const { unit } = allowedBy(limit);
  const items = points.map((point) => markup`<li>${pointText(point, unit)}</li>`);
  return markup`<details><summary>${String(points.length)} looks in words</summary><ol>${items}</ol></details>`;
}
