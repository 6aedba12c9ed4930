import type { PlannedMigration } from "../../../model/plan.ts";
import type { Statement } from "./parse.ts";

/** A wanted exception: `-- fairway:allow drop-column reason="nobody reads it" until=2027-01-31` above a statement. */
export interface Allowance {
  readonly rules: readonly string[];
  readonly reason: string;
  /** The last day on which it counts, in UTC; null without one. */
  readonly until: string | null;
  /** Where it stands, in bytes. */
  readonly offset: number;
}

/** What a person says of the whole file: `-- fairway:phase contract reason="1.4 writes it in every row"`. */
export interface PhaseSaid {
  readonly phase: PlannedMigration["phase"];
  readonly reason: string;
}

/** What the comments of a file tell the review. */
export interface Directives {
  /** By the statement below, around or before them on its line; -1 for those that stand below the last. */
  readonly allowances: ReadonlyMap<number, readonly Allowance[]>;
  readonly phase: PhaseSaid | null;
  /** Those that cannot be used: somebody believes in them. */
  readonly faults: readonly { readonly offset: number; readonly what: string }[];
}

export const noDirectives: Directives = { allowances: new Map(), phase: null, faults: [] };

export async function directivesIn(sql: string, statements: readonly Statement[]): Promise<Directives> {
  if (!sql.includes("fairway:")) return noDirectives;
  const { scanSync } = await import("libpg-query");
  const allowances = new Map<number, Allowance[]>();
  const faults: { offset: number; what: string }[] = [];
  const bytes = Buffer.from(sql, "utf8");
  let phase: PhaseSaid | null = null;
  for (const { tokenName, text, start: offset } of scanSync(withoutControls(sql)).tokens) {
    if (tokenName !== "SQL_COMMENT" && tokenName !== "C_COMMENT") continue;
    const found = /^\s*(?:--|\/\*)\s*fairway:(.*?)(?:\*\/)?\s*$/s.exec(text)?.[1];
    if (found === undefined) continue;
    const words = readWords(found);
    const what =
      faultIn(words) ?? (words.verb === "phase" && phase !== null ? "it says the phase twice" : null);
    if (what !== null) faults.push({ offset, what });
    else if (words.verb === "phase")
      phase = { phase: words.names[0] as PhaseSaid["phase"], reason: words.reason };
    else {
      const index = statementOf(offset, statements, bytes);
      const allowance = { rules: words.names, reason: words.reason, until: words.until, offset };
      allowances.set(index, [...(allowances.get(index) ?? []), allowance]);
    }
  }
  return { allowances, phase, faults };
}

/** The one below or around the comment; that before it, where it stands on the line on which that ends. */
function statementOf(offset: number, statements: readonly Statement[], bytes: Buffer): number {
  const index = statements.findIndex(({ from, to }) => offset >= from && offset < to);
  const before = statements.findLastIndex(({ to }) => to <= offset);
  const { to, offset: begin } = statements[before] ?? {};
  const isBehind = to !== undefined && bytes.subarray(to, offset).indexOf("\n") < 0;
  const isWithin = index >= 0 && offset > (statements[index]?.offset ?? 0);
  return isBehind && !isWithin && begin !== undefined ? before : index;
}

/** The scanner answers JSON in which it does not escape them. A blank is one byte, too: offsets stay. */
function withoutControls(sql: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return sql.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, " ");
}

interface Words {
  readonly verb: string;
  readonly names: readonly string[];
  readonly reason: string;
  readonly until: string | null;
  readonly strange: readonly string[];
}

/** `allow drop-column reason="..." until=2027-01-31` */
function readWords(text: string): Words {
  const options = new Map<string, string>();
  const rest = text.replace(
    /\b(\w+)=(?:"([^"]*)"|(\S*))/g,
    (_, name: string, quoted?: string, bare?: string) => {
      options.set(name, quoted ?? bare ?? "");
      return " ";
    },
  );
  const [verb = "", ...names] = rest.split(/[\s,]+/).filter((word) => word !== "");
  return {
    verb,
    names,
    reason: (options.get("reason") ?? "").trim(),
    until: options.get("until") ?? null,
    strange: [...options.keys()].filter((name) => name !== "reason" && name !== "until"),
  };
}

/** Phases that a person may say: what nobody knows is not said. */
const sayable = ["expand", "backfill", "contract"];

function faultIn({ verb, names, reason, until, strange }: Words): string | null {
  if (verb !== "allow" && verb !== "phase")
    return `fairway:${verb} is nothing known; fairway:allow and fairway:phase are`;
  if (strange.length > 0)
    return `it says ${strange.join(", ")}, which is nothing known; reason and until are`;
  if (reason === "") return 'it gives no reason="..."';
  if (verb === "phase") {
    const [name] = names;
    if (names.length !== 1 || name === undefined || !sayable.includes(name))
      return `it names no phase: ${sayable.join(", ")}`;
    return until === null ? null : "a phase does not end: it takes no until";
  }
  if (names.length === 0) return "it names no rule";
  return until !== null && !isDay(until) ? `until=${until} is no day; write it as 2027-01-31` : null;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
