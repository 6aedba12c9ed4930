import {
  blockedBy,
  durationText,
  estimateText,
  faredOn,
  heldText,
  leastOf,
  spanText,
  tableLocks,
  type Forecast,
  type HeldLock,
  type LockForecast,
  type MeasuredStatement,
  type ReviewedMigration,
  type TransactionForecast,
} from "../../../database/database.ts";

/** The locks of one transaction over time, or in their order where nobody measured them. */
export interface Timeline {
  readonly path: string;
  readonly isMeasured: boolean;
  /** `takes 2.1 to 3.0 s`; what is known of the whole. */
  readonly title: string;
  readonly rows: readonly Row[];
  /** Percent of the width, with the time there. */
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  /** Who waits, and for how long. */
  readonly held: readonly { readonly text: string; readonly tone: Tone }[];
}

/** One statement. */
export interface Row {
  readonly line: number;
  readonly sql: string;
  readonly takes: string;
  /** Why there is no figure; empty where there is one. */
  readonly doubt: string;
  readonly lanes: readonly Lane[];
}

/** `both`: readers and writers wait. */
export type Tone = "both" | "writes" | "nobody";

/** One lock. */
export interface Lane {
  readonly mode: string;
  readonly table: string;
  readonly who: string;
  readonly tone: Tone;
  readonly bars: readonly Bar[];
}

/** `sure`: at least so long; `may`: up to so long; `kept`: to the end of the transaction; `unknown`: nobody knows how long. */
export interface Bar {
  readonly kind: "sure" | "may" | "kept" | "unknown" | "order";
  /** Percent of the width. */
  readonly from: number;
  readonly width: number;
}

export function timelinesOf(
  migrations: readonly ReviewedMigration[],
  locks: LockForecast | undefined,
): Timeline[] {
  // Who names the last one that is applied is not asking about those before it.
  if (locks === undefined) return migrations.map(orderTimeline);
  return locks.transactions.map((transaction) => measuredTimeline(transaction, locks));
}

interface Step {
  readonly statement: MeasuredStatement;
  readonly forecast: Forecast;
}

function measuredTimeline(transaction: TransactionForecast, locks: LockForecast): Timeline {
  const { path, lines, nth, durationMs, held } = transaction;
  const steps = locks.measured.statements.flatMap((statement, at): Step[] => {
    const forecast = locks.statements[at];
    const isOfIt = statement.path === path && statement.nth === nth;
    return isOfIt && forecast !== undefined ? [{ statement, forecast }] : [];
  });
  const scale = scaleOf(steps);
  const count =
    lines.length === 1 ? "one statement" : `${String(lines.length)} statements in one transaction`;
  return {
    ...{ path, isMeasured: true, title: `${count}, ${tookText(durationMs)}` },
    rows: steps.map((step, at) => measuredRow(step, scale.places[at] ?? nowhere, lines.length > 1)),
    ticks: scale.ticks,
    held: held.map((lock) => ({ text: heldText(lock), tone: toneOfHeld(lock) })),
  };
}

function tookText(span: TransactionForecast["durationMs"]): string {
  return span.verdict === "insufficient" && span.low === 0
    ? "how long is not known"
    : `takes ${spanText(span)}`;
}

function toneOfHeld({ readsWaitMs, writesWaitMs }: HeldLock): Tone {
  if (readsWaitMs.verdict !== "none") return "both";
  return writesWaitMs.verdict === "none" ? "nobody" : "writes";
}

/** Where a statement is drawn, in percent: each after the longest that those before it may take. */
interface Place {
  readonly from: number;
  readonly sure: number;
  /** Beyond that. */
  readonly may: number;
  readonly isKnown: boolean;
}

const nowhere: Place = { from: 0, sure: 0, may: 0, isKnown: false };

interface Scale {
  readonly places: readonly Place[];
  readonly ticks: Timeline["ticks"];
}

/** What nobody knows the length of gets a part of the width that says nothing; times are told up to the first of these. */
function scaleOf(steps: readonly Step[]): Scale {
  const spans = steps.map(({ forecast: { durationMs } }) => ({
    low: leastOf(durationMs),
    high: durationMs.verdict === "range" ? durationMs.high : null,
  }));
  const total = spans.reduce((sum, { low, high }) => sum + (high ?? low), 0);
  const unknowns = spans.filter(({ high }) => high === null).length;
  const blank = unknowns === 0 ? 0 : Math.min(30, (total === 0 ? 100 : 60) / unknowns);
  const perMs = total === 0 ? 0 : (100 - blank * unknowns) / total;
  const places: Place[] = [];
  let from = 0;
  for (const { low, high } of spans) {
    const may = high === null ? blank : (high - low) * perMs;
    const place = { from, sure: low * perMs, may, isKnown: high !== null };
    places.push(place);
    from += place.sure + place.may;
  }
  const unknown = places.find(({ isKnown }) => !isKnown);
  const known = unknown === undefined ? 100 : unknown.from + unknown.sure;
  return { places, ticks: ticksTo(known, perMs) };
}

/** A label needs some room to its right. */
const lastTick = 93;

/** Round times, not nearer to each other than a seventh of the width. */
function ticksTo(known: number, perMs: number): Timeline["ticks"] {
  if (perMs === 0 || known < 14) return [];
  const rough = 14 / perMs;
  const step = roundSteps.find((each) => each >= rough) ?? rough;
  const ticks: { at: number; label: string }[] = [];
  for (let time = 0; time * perMs <= Math.min(known, lastTick); time += step)
    ticks.push({ at: time * perMs, label: time === 0 ? "0" : durationText(time).replace(".0 ", " ") });
  return ticks;
}

/** Milliseconds that people count in. */
const roundSteps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 5, 10, 24, 48].map((hours) => hours * 3_600_000),
];

function measuredRow({ statement, forecast }: Step, place: Place, isKept: boolean): Row {
  const { durationMs } = forecast;
  return {
    line: statement.line,
    sql: statement.sql,
    takes: takesText(durationMs),
    doubt: durationMs.verdict === "insufficient" ? durationMs.reason : "",
    lanes: lanesOf(statement).map((lane) => ({ ...lane, bars: barsOf(place, isKept && lane.mode !== "") })),
  };
}

function takesText(estimate: Forecast["durationMs"]): string {
  const least = leastOf(estimate);
  if (estimate.verdict !== "insufficient") return estimateText(estimate, durationText);
  return least > 0 ? `${durationText(least)} at least` : "insufficient";
}

function lanesOf(statement: MeasuredStatement): Omit<Lane, "bars">[] {
  const locks = tableLocks(statement).map(({ mode, relation }) => {
    const [reads, writes] = [faredOn(statement, relation, "reads"), faredOn(statement, relation, "writes")];
    const tone: Tone = reads !== "free" ? "both" : writes !== "free" ? "writes" : "nobody";
    return { mode, table: relation, who: whoText(reads, writes), tone };
  });
  const nothing =
    statement.problem === null ? "locks nothing that was there before" : "what it locks is not known";
  return locks.length > 0 ? locks : [{ mode: "", table: "", who: nothing, tone: "nobody" }];
}

function whoText(reads: ReturnType<typeof faredOn>, writes: ReturnType<typeof faredOn>): string {
  const words = { waits: "wait", briefly: "wait for parts of it", free: "go on", unknown: "may wait" };
  return reads === writes
    ? `reads and writes ${words[reads]}`
    : `reads ${words[reads]}, writes ${words[writes]}`;
}

function barsOf({ from, sure, may, isKnown }: Place, isKept: boolean): Bar[] {
  const end = from + sure + may;
  const kept: Bar[] = isKept && end < 99.9 ? [{ kind: "kept", from: end, width: 100 - end }] : [];
  const beyond: Bar = { kind: isKnown ? "may" : "unknown", from: from + sure, width: may };
  return [...(sure > 0 ? [{ kind: "sure" as const, from, width: sure }] : []), beyond, ...kept];
}

/** Without a time: each statement as wide as the others. */
function orderTimeline({ path, statements }: ReviewedMigration): Timeline {
  const width = 100 / Math.max(statements.length, 1);
  return {
    ...{ path, isMeasured: false, ticks: [], held: [] },
    title:
      statements.length === 1 ? "one statement" : `${String(statements.length)} statements, in their order`,
    rows: statements.map(({ line, sql, effects }, at) => {
      const locks = effects.flatMap((effect) => effect.locks);
      const lanes = locks.map(({ mode, table, held }): Lane => {
        const blocked = blockedBy(mode);
        const tone = blocked === "reads and writes" ? "both" : blocked === "writes" ? "writes" : "nobody";
        const time = held === "growing" ? "longer the larger it is" : "for an instant";
        const who = tone === "nobody" ? "reads and writes go on" : `${blocked} wait, ${time}`;
        return { mode, table, who, tone, bars: orderBars(at * width, width, statements.length > 1) };
      });
      const nothing = {
        mode: "",
        table: "",
        who: "locks nothing that was there before",
        tone: "nobody" as const,
      };
      return {
        ...{ line, sql, takes: "not measured", doubt: "" },
        lanes: lanes.length > 0 ? lanes : [{ ...nothing, bars: orderBars(at * width, width, false) }],
      };
    }),
  };
}

function orderBars(from: number, width: number, isKept: boolean): Bar[] {
  const end = from + width;
  return [
    { kind: "order", from, width },
    ...(isKept && end < 99.9 ? [{ kind: "kept" as const, from: end, width: 100 - end }] : []),
  ];
}
