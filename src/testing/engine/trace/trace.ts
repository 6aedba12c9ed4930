import type { Effect, ScriptedExec } from "../../../engine/engine.ts";
import { originText } from "./origin.ts";
import { traceMermaid } from "./mermaid.ts";
import { traceText, type Around, type TraceNode } from "./text.ts";

/** A step of a trace. Numbers count from 1; steps that were under way at once follow each other by their text. */
export interface TraceStep {
  readonly number: number;
  /** The command line, without secrets. */
  readonly command: string;
  readonly argv: readonly string[];
  /** Where a Dockerfile has it: `Dockerfile:7 RUN npm ci`. */
  readonly place?: string;
  readonly image: string | null;
  readonly user?: string;
  readonly workdir?: string;
  /** Names only. */
  readonly variables: readonly string[];
  readonly secrets: readonly { readonly as: string; readonly secret: string }[];
  readonly mounts: readonly { readonly path: string; readonly what: string }[];
  readonly copies: readonly { readonly path: string; readonly what: string }[];
  readonly services: readonly { readonly alias: string; readonly what: string }[];
  /** The steps whose results it uses. */
  readonly after: readonly number[];
  /** The one in whose container it is run; null for the first of a container. */
  readonly continues: number | null;
  /** Steps of the same stage were under way at once; counts from 1. */
  readonly stage: number;
}

export interface TraceEffect {
  readonly kind: "publish" | "export";
  /** The image's address, or the path. */
  readonly to: string;
  readonly what: string;
  readonly after: readonly number[];
}

/** What a pipeline asked for, as a value: without ids, digests, times, temporary paths and secrets. */
export interface Trace {
  readonly steps: readonly TraceStep[];
  readonly effects: readonly TraceEffect[];
}

/** A step as it was answered: moments are of the engine's schedule. */
export interface RecordedStep {
  readonly exec: ScriptedExec;
  readonly askedAt: number;
  answeredAt: number;
  /** True where its answer had files. */
  leftFiles?: boolean;
}

/** Collects what is asked for. */
export class Recorder {
  readonly steps: RecordedStep[] = [];
  readonly effects: Effect[] = [];

  /** What was asked for so far. */
  trace(): Trace {
    const numbers = this.#numbers();
    const stages = [...new Set(this.steps.map(({ askedAt }) => askedAt))].sort((a, b) => a - b);
    const steps = this.steps
      .map(({ exec, askedAt }) => stepOf(exec, numbers, stages.indexOf(askedAt) + 1))
      .sort((a, b) => a.number - b.number);
    const effects = this.effects.map((effect) => effectOf(effect, numbers));
    return { steps, effects: effects.sort((a, b) => (effectKey(a) < effectKey(b) ? -1 : 1)) };
  }

  /** The order of asking, in which what was asked for at once stands by its text: the same in each run. */
  #numbers(): ReadonlyMap<number, number> {
    const unnumbered = new Map(this.steps.map(({ exec }) => [exec.id, 0]));
    const texts = new Map(
      this.steps.map(({ exec }) => [exec.id, JSON.stringify(stepOf(exec, unnumbered, 0))]),
    );
    const textOf = (step: RecordedStep) => texts.get(step.exec.id) ?? "";
    const ordered = this.steps.toSorted(
      (a, b) => a.askedAt - b.askedAt || (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0),
    );
    return new Map(ordered.map(({ exec }, index) => [exec.id, index + 1]));
  }
}

export { traceMermaid, traceText, type Around, type TraceNode };

function stepOf(exec: ScriptedExec, numbers: ReadonlyMap<number, number>, stage: number): TraceStep {
  return {
    ...{ number: numbers.get(exec.id) ?? 0, command: exec.shownArgv.join(" "), argv: exec.shownArgv },
    ...(exec.place === null ? {} : { place: exec.place }),
    image: exec.image,
    ...(exec.user === "" ? {} : { user: exec.user }),
    ...(exec.workdir === "" || exec.workdir === "/" ? {} : { workdir: exec.workdir }),
    variables: Object.keys(exec.variables).sort(),
    secrets: [
      ...exec.secretVariables.map(({ name, secret }) => ({ as: `$${name}`, secret })),
      ...exec.mounts.flatMap((mount) =>
        mount.kind === "secret" ? [{ as: mount.path, secret: mount.secret }] : [],
      ),
    ],
    mounts: exec.mounts.flatMap((mount) => {
      switch (mount.kind) {
        case "files": {
          const what = originText(mount.from, numbers);
          return [{ path: mount.path, what: mount.readOnly ? `${what}, read only` : what }];
        }
        case "cache":
          return [{ path: mount.path, what: `cache ${mount.volume}` }];
        case "temporary":
          return [{ path: mount.path, what: "temporary" }];
        case "secret":
          return [];
      }
    }),
    copies: exec.copies.map(({ path, from }) => ({ path, what: originText(from, numbers) })),
    services: exec.services.map(({ alias, image, argv, ports }) => ({
      alias,
      what: [image ?? "a service", argv.join(" "), ...ports.map((port) => `port ${String(port)}`)]
        .filter((part) => part !== "")
        .join(", "),
    })),
    ...{ after: renumbered(exec.after, numbers), stage },
    continues: exec.continues === null ? null : (numbers.get(exec.continues) ?? null),
  };
}

function effectOf(effect: Effect, numbers: ReadonlyMap<number, number>): TraceEffect {
  const to = effect.kind === "publish" ? effect.address : effect.path;
  const what = originText(effect.from, numbers);
  return { kind: effect.kind, to, what, after: renumbered(effect.after, numbers) };
}

function effectKey({ kind, to, what, after }: TraceEffect): string {
  return JSON.stringify([Math.max(0, ...after), kind, to, what]);
}

function renumbered(ids: readonly number[], numbers: ReadonlyMap<number, number>): readonly number[] {
  return ids.map((id) => numbers.get(id) ?? 0).sort((a, b) => a - b);
}
