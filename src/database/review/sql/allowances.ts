import type { Statement } from "./parse.ts";

/** A wanted exception: `-- fairway:allow drop-column reason="nobody reads it" until=2027-01-31` above a statement. */
export interface Allowance {
  readonly rules: readonly string[];
  readonly reason: string;
  /** The last day on which it counts, in UTC; null without one. */
  readonly until: string | null;
  /** Where it stands, in bytes. */
  readonly offset: number;
  /** What is wrong with it; null where it can be used. */
  readonly fault: string | null;
}

/** The exceptions of a file by the statement below or around them; -1 for those that belong to none. */
export async function allowancesIn(
  sql: string,
  statements: readonly Statement[],
): Promise<ReadonlyMap<number, readonly Allowance[]>> {
  const found = new Map<number, Allowance[]>();
  if (!sql.includes("fairway:")) return found;
  const { scanSync } = await import("libpg-query");
  for (const { tokenName, text, start } of scanSync(sql).tokens) {
    if (tokenName !== "SQL_COMMENT" && tokenName !== "C_COMMENT") continue;
    const words = /^\s*(?:--|\/\*)\s*fairway:(.*?)(?:\*\/)?\s*$/s.exec(text)?.[1];
    if (words === undefined) continue;
    const index = statements.findIndex(({ from, to }) => start >= from && start < to);
    found.set(index, [...(found.get(index) ?? []), readAllowance(words, start)]);
  }
  return found;
}

function readAllowance(words: string, offset: number): Allowance {
  const options = new Map<string, string>();
  const rest = words.replace(
    /\b(\w+)=(?:"([^"]*)"|(\S*))/g,
    (_, name: string, quoted?: string, bare?: string) => {
      options.set(name, quoted ?? bare ?? "");
      return " ";
    },
  );
  const [verb, ...rules] = rest
    .trim()
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const reason = options.get("reason") ?? "";
  const until = options.get("until") ?? null;
  const strange = [...options.keys()].filter((name) => name !== "reason" && name !== "until");
  const fault =
    verb !== "allow"
      ? `fairway:${verb ?? ""} is nothing known; fairway:allow is`
      : rules.length === 0
        ? "it names no rule"
        : strange.length > 0
          ? `it says ${strange.join(", ")}, which is nothing known; reason and until are`
          : reason.trim() === ""
            ? 'it gives no reason="..."'
            : until !== null && !isDay(until)
              ? `until=${until} is no day; write it as 2027-01-31`
              : null;
  return { rules, reason, until, offset, fault };
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
