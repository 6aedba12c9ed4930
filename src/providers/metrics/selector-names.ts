import { partsOf } from "../../model/placeholders.ts";
import { unreadable, type Asking } from "./answer.ts";
import type { PrometheusApi } from "./prometheus-api.ts";

/** What a selector of a counter names; the metric is null where it stands in no word before the brackets. */
interface SelectorNames {
  readonly metric: string | null;
  /** Those that a series has to have. */
  readonly labels: readonly string[];
}

function namesIn(selector: string): SelectorNames {
  const parts = partsOf(selector);
  const metric = /^\s*([A-Za-z_:][\w:]*)/.exec(parts[0]?.text ?? "")?.[1] ?? null;
  const labels = parts.flatMap(({ text, quote }, index) => {
    const label = quote === "" ? /([A-Za-z_]\w*)\s*=~?\s*$/.exec(text)?.[1] : undefined;
    const isEmpty = parts[index + 1]?.text.length === 2;
    return label === undefined || isEmpty ? [] : [label];
  });
  return { metric, labels: [...new Set(labels)] };
}

/**
 * No error yet and a misspelt name look the same: no series. So what a selector names has to be known of any version.
 * A value of a label that no series has yet is known to nobody, and no mistake.
 * @throws FairwayError METRIC_UNREADABLE
 */
export async function requireKnownNames(
  selector: string,
  api: PrometheusApi,
  asking: Asking,
  signal: AbortSignal,
): Promise<void> {
  const { metric, labels } = namesIn(selector);
  if (metric === null) return;
  const known = await api.labelNames(metric, signal);
  const missing = labels.filter((label) => !known.includes(label));
  if (known.length > 0 && missing.length === 0) return;
  const came =
    known.length === 0
      ? `no version of anything has a series ${metric}`
      : `no series of ${metric} has a label ${missing.join(" or ")}; it has ${known.filter((name) => name !== "__name__").join(", ")}`;
  const remedy =
    "Correct the name, or let the counter begin with zero: as long as there is none, no errors and a misspelt name look the same.";
  throw unreadable(asking, selector, came, remedy);
}
