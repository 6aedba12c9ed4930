import { editPlain } from "../container/places.ts";
import { withPair, valueOf, type ContainerState } from "../container/state.ts";
import { EngineError, StepError } from "../errors.ts";
import { makeFolder } from "../files/edits.ts";
import { absolute } from "../files/paths.ts";
import { faultsOf } from "./check.ts";
import { copy } from "./copy.ts";
import { refused } from "./faults.ts";
import { jsonWords, parseDockerfile, type Instruction } from "./parse.ts";
import { run } from "./run.ts";
import type { Stage } from "./stages.ts";
import { shellOf, type BuildContext, type Progress, type Step } from "./step.ts";
import { expandWord, splitOnce, splitWords, type Lookup } from "./words.ts";

type Handler = (step: Step) => Promise<Partial<Progress>> | Partial<Progress>;

/** The stage after one more instruction. Errors name the file and the line. */
export async function follow(
  build: BuildContext,
  stage: Stage,
  progress: Progress,
  instruction: Instruction,
): Promise<Progress> {
  const step = stepOf(build, stage, progress, instruction);
  // Again, now that its variables have values; and what an image left for the builds on top of it was never looked at.
  const faults = faultsOf(instruction, (text) => step.expanded(text), build.escape);
  const handler = handlers[instruction.keyword];
  if (handler === undefined || faults.length > 0) throw refused(build.file, faults);
  const told = `${instruction.place}: ${instruction.keyword}`;
  try {
    return { ...progress, ...(await handler(step)) };
  } catch (error) {
    // The step of another stage, which this one copies from, has its own place.
    if (error instanceof StepError && error.place === undefined)
      throw error.at(instruction.place, `${instruction.keyword} ${shortened(instruction.text)}`);
    if (error instanceof EngineError && !error.message.startsWith(build.file)) {
      throw new EngineError(`${told}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

const handlers: Readonly<Record<string, Handler>> = {
  RUN: async (step) => ({ container: recorded(step, await run(step)) }),
  COPY: async (step) => ({ container: recorded(step, await copy(step)) }),
  ADD: async (step) => ({ container: recorded(step, await copy(step)) }),
  ARG: (step) => {
    let { container } = step.progress;
    for (const word of splitWords(step.instruction.text, step.build.escape)) {
      const [name, text] = splitOnce(word);
      const value =
        step.build.buildArgs.get(name) ??
        (text === undefined ? step.build.globals(name) : step.expanded(text));
      if (value !== undefined && !step.progress.environment.has(name))
        container = { ...container, env: withPair(container.env, name, value) };
    }
    return { container };
  },
  ENV: (step) => {
    let { env } = step.container;
    const pairs = pairsOf(step);
    for (const [name, value] of pairs) env = withPair(env, name, value);
    return {
      container: { ...step.container, env },
      environment: new Set([...step.progress.environment, ...pairs.map(([name]) => name)]),
    };
  },
  LABEL: (step) => {
    let { labels } = step.container;
    for (const [name, value] of pairsOf(step)) labels = withPair(labels, name, value);
    return { container: { ...step.container, labels } };
  },
  MAINTAINER: (step) => ({
    container: {
      ...step.container,
      labels: withPair(step.container.labels, "maintainer", step.instruction.text),
    },
  }),
  WORKDIR: async (step) => {
    const { container, build } = step;
    const workdir = absolute(step.expanded(step.instruction.text), container.workdir || "/");
    const made = await editPlain(build.session, container, makeFolder(workdir, 0o755));
    return { container: recorded(step, { ...made, workdir }) };
  },
  USER: (step) => ({ container: { ...step.container, user: step.expanded(step.instruction.text) } }),
  EXPOSE: (step) => {
    let { ports } = step.container;
    for (const word of step.words()) {
      const [number, kind] = word.split("/");
      const protocol = kind?.toUpperCase() === "UDP" ? "UDP" : "TCP";
      const port = {
        port: Number(number),
        protocol,
        description: null,
        experimentalSkipHealthcheck: false,
      } as const;
      ports = [...ports.filter((other) => other.port !== port.port || other.protocol !== protocol), port];
    }
    return { container: { ...step.container, ports } };
  },
  ENTRYPOINT: (step) => ({
    container: {
      ...step.container,
      entrypoint: command(step),
      defaultArgs: step.progress.hasCommand ? step.container.defaultArgs : [],
    },
  }),
  CMD: (step) => ({ container: { ...step.container, defaultArgs: command(step) }, hasCommand: true }),
  SHELL: (step) => {
    const shell = jsonWords(step.instruction.text);
    if (shell === undefined || shell.length === 0)
      throw new EngineError("SHELL requires the arguments to be in JSON form");
    return { container: { ...step.container, shell } };
  },
  HEALTHCHECK: (step) => ({ container: { ...step.container, healthcheck: healthcheck(step) } }),
  STOPSIGNAL: (step) => ({
    container: { ...step.container, stopSignal: step.expanded(step.instruction.text) },
  }),
  VOLUME: (step) => ({
    container: { ...step.container, volumes: [...new Set([...step.container.volumes, ...step.words()])] },
  }),
  ONBUILD: (step) => ({
    container: { ...step.container, onbuild: [...step.container.onbuild, step.instruction.text] },
  }),
};

function stepOf(build: BuildContext, stage: Stage, progress: Progress, instruction: Instruction): Step {
  const { container } = progress;
  const lookup: Lookup = (name) => valueOf(container.env, name);
  const expanded = (text: string) => expandWord(text, lookup, build.escape);
  return {
    ...{ build, stage, progress, container, instruction, expanded },
    words: () => {
      const json = jsonWords(instruction.text);
      return (json ?? splitWords(instruction.text, build.escape)).map((word) =>
        json === undefined ? expanded(word) : expandJson(word, lookup),
      );
    },
  };
}

function expandJson(word: string, lookup: Lookup): string {
  return word.includes("$") ? expandWord(word.replace(/(["'\\])/g, "\\$1"), lookup, "\\") : word;
}

/** `name=value ...`, or the old form of one name and the rest of the line. */
function pairsOf(step: Step): readonly (readonly [string, string])[] {
  const { text } = step.instruction;
  const words = splitWords(text, step.build.escape);
  if (words[0]?.includes("=") !== true) {
    const [, name = "", value] = /^(\S+)\s+(.*)$/s.exec(text) ?? [];
    if (value === undefined) throw new EngineError(`${step.instruction.keyword} must have two arguments`);
    return [[name, step.expanded(value)]];
  }
  return words.map((word) => {
    const [name, value] = splitOnce(word);
    if (value === undefined)
      throw new EngineError(`can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    return [step.expanded(name), step.expanded(value)];
  });
}

/** The exec form as it is, the shell form through the stage's shell. */
function command(step: Step): readonly string[] {
  return jsonWords(step.instruction.text) ?? [...shellOf(step.container), step.instruction.text];
}

function healthcheck(step: Step): ContainerState["healthcheck"] {
  const { text, flags } = step.instruction;
  const flag = (name: string) => flags.find((other) => other.name === name)?.value ?? "";
  const [, type = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  if (type.toUpperCase() === "NONE") return null;
  if (type.toUpperCase() !== "CMD")
    throw new EngineError(`unknown type ${JSON.stringify(type)}: HEALTHCHECK takes CMD or NONE`);
  const words = jsonWords(rest);
  return {
    ...{
      args: words ?? [rest],
      shell: words === undefined,
      interval: flag("interval"),
      timeout: flag("timeout"),
    },
    ...{
      startPeriod: flag("start-period"),
      startInterval: flag("start-interval"),
      retries: Number(flag("retries") || 0),
    },
  };
}

/** The line in the image's history. */
function recorded(step: Step, container: ContainerState): ContainerState {
  const { rootfs } = container;
  const layers = rootfs.kind === "tree" ? 1 : rootfs.stack.length + (rootfs.edits.length > 0 ? 1 : 0);
  return {
    ...container,
    history: [...container.history, { createdBy: written(step.instruction), layers }],
  };
}

function written({ keyword, flags, text }: Instruction): string {
  return [keyword, ...flags.map(({ name, value }) => `--${name}=${value}`), text].join(" ");
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The instructions that an image leaves for the builds on top of it. */
export function onbuildOf(container: ContainerState, place: string): readonly Instruction[] {
  if (container.onbuild.length === 0) return [];
  const { instructions } = parseDockerfile(container.onbuild.join("\n"), "ONBUILD");
  return instructions.map((instruction) => ({ ...instruction, place }));
}
