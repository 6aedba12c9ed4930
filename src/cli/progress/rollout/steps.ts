import type { Operation } from "../../../model/plan.ts";
import type { HoldStanding, RolloutStanding } from "../../../model/rollout.ts";
import { cut } from "../format.ts";
import type { Canvas } from "./rollout.ts";

interface Step {
  readonly name: string;
  /** The place of its last operation in the plan. */
  readonly ends: number;
}

/** `✓ 5 %  ▸ 25 %  · 100 %`, and what is left of the hold: beside it, or below it where both do not fit. */
export function stepsLine(standing: RolloutStanding, { columns, colours, nowMs }: Canvas): string[] {
  const { index, hold } = standing;
  const steps = stepsOf(standing.operations);
  const present = steps.findIndex(({ ends }) => index <= ends);
  const signed = steps.map(({ name }, place) => {
    if (place < present || present === -1) return { sign: "✓", name, dress: colours.green };
    return place === present
      ? { sign: "▸", name, dress: (text: string) => colours.bold(colours.cyan(text)) }
      : { sign: "·", name, dress: colours.faint };
  });
  const plain = signed.map(({ sign, name }) => `${sign} ${name}`).join("  ");
  const isWhole = plain.length <= columns;
  const dressed = isWhole
    ? signed.map(({ sign, name, dress }) => dress(`${sign} ${name}`)).join("  ")
    : presentOnly(steps, present, columns);
  const left = hold === null ? "" : holdText(hold, nowMs);
  if (left === "") return [dressed];
  const length = isWhole ? plain.length : dressed.length;
  if (length + 3 + left.length <= columns) return [`${dressed}   ${left}`];
  return [dressed, cut(left, columns)];
}

function presentOnly(steps: readonly Step[], present: number, columns: number): string {
  const name = steps[present]?.name ?? steps.at(-1)?.name ?? "";
  return cut(`▸ ${name} (${String(present + 1)} of ${String(steps.length)})`, columns);
}

/** Nothing passes before the hold is over; then it may take longer, until what is missing is known. */
function holdText({ passesAt, endsAt, begunAt, looks }: HoldStanding, now: number): string {
  const looked = looks.length === 0 ? "" : `, look ${String(looks.length)}`;
  if (now < passesAt) return `hold: ${span(passesAt - now)} of ${span(passesAt - begunAt)} left${looked}`;
  if (now < endsAt) return `hold is over, waits ${span(endsAt - now)} more at most${looked}`;
  return `hold is over${looked}`;
}

/** `8s`, `4m 10s`, `1h 05m`. */
function span(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  const two = (number: number) => String(number % 60).padStart(2, "0");
  if (hours > 0) return `${String(hours)}h ${two(minutes)}m`;
  return minutes > 0 ? `${String(minutes)}m ${two(seconds)}s` : `${String(seconds)}s`;
}

/** Those of a canary are its weights; a switch at once has the steps that lead to it and away from it. */
function stepsOf(operations: readonly Operation[]): readonly Step[] {
  return operations.some(({ kind }) => kind === "analyse") ? weightsOf(operations) : phasesOf(operations);
}

function weightsOf(operations: readonly Operation[]): readonly Step[] {
  const last = operations.findLastIndex(({ kind }) => kind === "take-over");
  return operations.flatMap((operation, place): Step[] => {
    if (operation.kind !== "set-weight" || operation.percent === 0) return [];
    const next = operations.findIndex(
      ({ kind }, other) => other > place && (kind === "start-beside" || kind === "set-weight"),
    );
    return [{ name: `${String(operation.percent)} %`, ends: next === -1 ? last : next - 1 }];
  });
}

const phases: Partial<Record<Operation["kind"], string>> = {
  "start-beside": "start beside",
  smoke: "test",
  "set-weight": "switch",
  watch: "bake",
  "take-over": "take over",
};

function phasesOf(operations: readonly Operation[]): readonly Step[] {
  const [first, last] = [
    operations.findIndex(({ kind }) => kind === "start-beside"),
    operations.findLastIndex(({ kind }) => kind === "take-over"),
  ];
  const steps: Step[] = [];
  for (const [place, { kind }] of operations.entries()) {
    const name = phases[kind];
    if (name === undefined || place < first || place > last) continue;
    if (steps.at(-1)?.name === name) steps.pop();
    steps.push({ name, ends: place });
  }
  return steps;
}
