import { stripVTControlCharacters } from "node:util";
import { exitCodes, isFairwayError, type ExitCode } from "../../model/errors.ts";
import { cutMiddle } from "../progress/step-name.ts";
import { thrownAt } from "./thrown-at.ts";

/** How a command that did not succeed ended, as it is told to people and to machines. */
export interface Outcome {
  /** A permanent name: `PLAN_STALE`. */
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  readonly place?: string | undefined;
  /** What to do; its last line is a command where there is one. */
  readonly remedy?: string | undefined;
  /** The words of what failed: a step's output. */
  readonly output?: string | undefined;
  /** True when the fault is not the user's: there may be a bug of ours to report. */
  readonly unexpected: boolean;
}

/**
 * The outcome that an error stands for (design section 6). Our own errors bring their exit code; the exit code of
 * a tool never becomes ours: a step that exits 3 is a plain failure, 1.
 */
export function outcomeOf(error: unknown): Outcome {
  if (isFairwayError(error)) {
    const { code, message, exitCode, place, remedy, output } = error;
    return { code, message, exitCode, place, remedy, output, unexpected: false };
  }
  const extensions = extensionsOf(error);
  return (
    fromModule(error, extensions) ??
    fromEngine(error, extensions) ??
    fromStep(error, extensions) ??
    fromRequest(error) ??
    fromFunction(error) ??
    unexpected(error)
  );
}

/** The code of an error that a module's own code has thrown. */
export const functionFailed = "FUNCTION_FAILED";

interface Extensions {
  readonly _type?: unknown;
  readonly cmd?: unknown;
  readonly exitCode?: unknown;
  readonly stdout?: unknown;
  readonly stderr?: unknown;
  /** Where the step is written: `apps/api/Dockerfile:7 RUN npm ci`. */
  readonly place?: unknown;
  readonly fairway?: { code?: string; exitCode?: number; place?: string; remedy?: string; output?: string };
}

/** Thrown by a module with an exit code of its own (shared with `dagger call`): `cmd` is `fairway`, or no exec failed. */
function fromModule(error: unknown, extensions: Extensions): Outcome | undefined {
  if (extensions._type !== "EXEC_ERROR") return undefined;
  const isOurs = asList(extensions.cmd)[0] === "fairway" || codeOf(error) !== "D109";
  const exitCode = Number(extensions.exitCode);
  if (!isOurs || !isExitCode(exitCode)) return undefined;
  const [, code, message] = /^([A-Z][A-Z0-9_]+): (.*)$/s.exec(messageOf(error)) ?? [];
  return {
    code: code ?? "FAILED",
    message: message ?? messageOf(error),
    exitCode,
    remedy: words(extensions.stdout, extensions.stderr),
    unexpected: false,
  };
}

/** One of Fairway's errors that the embedded engine passed on over the wire. */
function fromEngine(error: unknown, extensions: Extensions): Outcome | undefined {
  const told = extensions.fairway;
  if (typeof told !== "object") return undefined;
  const { code, exitCode, place, remedy, output } = told;
  const whole = messageOf(error);
  const message =
    remedy !== undefined && whole.endsWith(`\n${remedy}`) ? whole.slice(0, -remedy.length - 1) : whole;
  return {
    code: code ?? "FAILED",
    message,
    exitCode: exitCode !== undefined && isExitCode(exitCode) ? exitCode : exitCodes.failed,
    place,
    remedy,
    output,
    unexpected: false,
  };
}

/** A step that nobody caught: its exit code stays its own. */
function fromStep(error: unknown, extensions: Extensions): Outcome | undefined {
  if (extensions._type !== "EXEC_ERROR") return undefined;
  const { place } = extensions;
  const command = cutMiddle(asList(extensions.cmd).join(" ").replace(/\s+/g, " "), 160);
  return {
    code: "STEP_FAILED",
    message: `a step failed: ${messageOf(error)}`,
    exitCode: exitCodes.failed,
    place: typeof place === "string" ? place : command === "" ? undefined : `$ ${command}`,
    output: words(extensions.stdout, extensions.stderr),
    unexpected: false,
  };
}

/** An engine that refused a request: a missing file, an image that is not there, a field that it does not have. */
function fromRequest(error: unknown): Outcome | undefined {
  if (codeOf(error) !== "D100") return undefined;
  return { code: "ENGINE_REFUSED", message: messageOf(error), exitCode: exitCodes.failed, unexpected: false };
}

/** Thrown by the code of a team's module: its own words, with their place. */
function fromFunction(error: unknown): Outcome | undefined {
  const place = thrownAt(error);
  if (place === undefined) return undefined;
  const message = messageOf(error);
  return { code: functionFailed, message, exitCode: exitCodes.failed, place, unexpected: false };
}

function unexpected(error: unknown): Outcome {
  return { code: "UNEXPECTED", message: messageOf(error), exitCode: exitCodes.failed, unexpected: true };
}

function extensionsOf(error: unknown): Extensions {
  const found = (error as { extensions?: unknown } | null | undefined)?.extensions;
  return typeof found === "object" && found !== null ? found : {};
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}

/** Without the trace that Dagger's engine adds for its own telemetry. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\[traceparent:[0-9a-f-]+\]/g, "").trim();
}

function isExitCode(value: number): value is ExitCode {
  return Number.isInteger(value) && value >= 1 && value <= 5;
}

function asList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function words(...texts: readonly unknown[]): string | undefined {
  const found = texts.filter((text): text is string => typeof text === "string" && text.trim() !== "");
  const plain = found.map((text) => stripVTControlCharacters(text).trimEnd());
  return plain.length === 0 ? undefined : plain.join("\n");
}
