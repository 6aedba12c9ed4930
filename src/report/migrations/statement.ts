import {
  blockedBy,
  type Finding,
  type ReviewedMigration,
  type ReviewedStatement,
  strongest,
} from "../../database/database.ts";
import { lineOf } from "./reviewed.ts";

/** A statement with what was found in it. */
export interface ToldStatement {
  readonly line: number;
  readonly sql: string;
  readonly findings: readonly Finding[];
  readonly facts: readonly Fact[];
}

/** `locks`, `ACCESS EXCLUSIVE on users: ...` */
export type Fact = readonly [label: string, text: string];

/** Those that a reader has to look at, and how many others there are. */
export function toldStatements(migration: ReviewedMigration): {
  readonly told: readonly ToldStatement[];
  readonly others: number;
} {
  const left = new Map<string, Finding[]>();
  for (const finding of migration.findings) {
    const key = keyOf(lineOf(finding), finding.sql);
    left.set(key, [...(left.get(key) ?? []), finding]);
  }
  const all = migration.statements.map((statement) => {
    const key = keyOf(statement.line, statement.sql);
    const findings = left.get(key) ?? [];
    left.delete(key);
    return { statement, findings };
  });
  const told = all.filter(
    ({ statement, findings }) =>
      findings.length > 0 || statement.effects.some(({ oldCode }) => oldCode.verdict !== "works"),
  );
  const ofFile = [...left.values()].flat().map((finding) => ({
    ...{ line: lineOf(finding), sql: "", findings: [finding], facts: [] },
  }));
  const ofStatements = told.map(({ statement, findings }) => ({
    ...{ line: statement.line, sql: statement.sql, findings },
    facts: factsOf(statement),
  }));
  return {
    told: [...ofFile, ...ofStatements].sort((a, b) => a.line - b.line),
    others: all.length - told.length,
  };
}

function keyOf(line: number, sql: string): string {
  return `${String(line)} ${sql}`;
}

/** What it means for those who use the database: all changes of the statement together. */
function factsOf({ effects }: ReviewedStatement): Fact[] {
  const rewrites = unique(effects.flatMap((effect) => effect.rewrites));
  const scans = unique(effects.flatMap((effect) => effect.scans)).filter(
    (table) => !rewrites.includes(table),
  );
  return [
    ...locksOf(effects).map((text): Fact => ["locks", text]),
    ...(rewrites.length === 0
      ? []
      : [["rewrites", `${rewrites.join(", ")}: all of it is written anew`] satisfies Fact]),
    ...(scans.length === 0 ? [] : [["scans", `${scans.join(", ")}: all rows are read`] satisfies Fact]),
    ["old code", oldCodeText(effects)],
    ["undo", undoText(effects)],
  ];
}

type Effects = ReviewedStatement["effects"];
type Lock = Effects[number]["locks"][number];

/** One for each table: its strongest; and for as long as the longest. */
function locksOf(effects: Effects): string[] {
  const found = new Map<string, Lock>();
  for (const lock of effects.flatMap(({ locks }) => locks)) {
    const known = found.get(lock.table);
    const mode = strongest(lock.mode, known?.mode);
    const held = known?.held === "growing" ? "growing" : lock.held;
    found.set(lock.table, { table: lock.table, mode, held });
  }
  return [...found.values()].map(lockText);
}

function lockText({ table, mode, held }: Lock): string {
  const blocked = blockedBy(mode);
  if (blocked === "nothing") return `${mode} on ${table}: blocks neither reads nor writes`;
  const time = held === "growing" ? "for longer the larger it is" : "for an instant, once it is given";
  return `${mode} on ${table}: blocks ${blocked} ${time}`;
}

const verdicts = ["works", "may break", "unknown", "breaks"] as const;

function oldCodeText(effects: Effects): string {
  const all = effects.map(({ oldCode }) => oldCode);
  const worst = verdicts.findLast((verdict) => all.some((each) => each.verdict === verdict)) ?? "works";
  const words = { works: "works", "may break": "may break", unknown: "not known", breaks: "breaks" }[worst];
  const because = unique(all.filter(({ verdict }) => verdict === worst).map((each) => each.because));
  const reasons = because.filter((text) => text !== "").join("; ");
  return reasons === "" ? words : `${words}: ${reasons}`;
}

function undoText(effects: Effects): string {
  const all = effects.map(({ undo }) => undo);
  const loses = (["rows", "values"] as const).find((what) => all.some((each) => each.loses === what));
  if (all.some(({ possible }) => possible === "no"))
    return loses === undefined ? "no: nothing takes it back" : `no: ${loses} are gone for good`;
  return all.some(({ possible }) => possible === "data-lost")
    ? `the shape comes back, its ${loses ?? "rows"} do not`
    : "yes, by a later migration";
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
