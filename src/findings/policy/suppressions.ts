import picomatch from "picomatch";
import { z } from "zod";
import { loadDocument, problem, problemsOf } from "../../config/config.ts";
import type { Finding } from "../../model/finding.ts";

/** A person's decision that a finding is known and wanted, for a time. */
export interface Suppression {
  /** A CVE or another name of it, or a tool's rule. */
  readonly rule: string;
  /** Only in this package. */
  readonly package?: string | undefined;
  /** Only in files that this glob matches. */
  readonly path?: string | undefined;
  readonly reason: string;
  /** Whom to ask. */
  readonly owner: string;
  /** The last day on which it counts, in UTC: `2027-01-31`. */
  readonly until: string;
}

const words = z.string().trim().min(1, "must not be empty");
const suppression = z.strictObject({
  rule: words,
  package: words.optional(),
  path: words.optional(),
  reason: words,
  owner: words,
  until: z.iso.date("must be a day: 2027-01-31"),
});
const suppressions = z.array(suppression);

/**
 * @param file how it is called in messages
 * @throws one FairwayError (SUPPRESSIONS_INVALID, exit 2) with every error and its place
 */
export function readSuppressions(text: string, file: string): readonly Suppression[] {
  return loadDocument(
    text,
    file,
    (value) => {
      const read = suppressions.safeParse(value ?? []);
      if (!read.success)
        return { value: undefined, problems: problemsOf(read.error.issues, value, suppressions) };
      return { value: read.data, problems: repeated(read.data) };
    },
    { code: "SUPPRESSIONS_INVALID" },
  );
}

function repeated(all: readonly Suppression[]) {
  const keys = all.map(({ rule, package: name, path }) => JSON.stringify([rule.toLowerCase(), name, path]));
  return keys.flatMap((key, at) =>
    keys.indexOf(key) < at ? [problem([at], `the same is suppressed twice: ${all[at]?.rule ?? ""}`)] : [],
  );
}

/** Of the days of UTC: the last one counts whole. */
export function isExpired({ until }: Suppression, now: Date): boolean {
  return now.toISOString().slice(0, 10) > until;
}

/** All places of a finding have to be within its reach: a decision about one file is none about another. */
export function suppressor({ rule, package: name, path }: Suppression): (finding: Finding) => boolean {
  const wanted = rule.toLowerCase();
  const matches = path === undefined ? null : picomatch(path, { dot: true });
  return (finding) => {
    const known = [finding.rule, ...finding.aliases, ...finding.witnesses.map((witness) => witness.rule)];
    if (!known.some((one) => one.toLowerCase() === wanted)) return false;
    if (name !== undefined && finding.package?.name !== name) return false;
    if (matches === null) return true;
    return finding.locations.length > 0 && finding.locations.every((location) => matches(location.path));
  };
}
