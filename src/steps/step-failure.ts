import { stripVTControlCharacters } from "node:util";

/** What a step said when its program ended with another code than 0. */
export interface StepFailure {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Where the step is written, as far as the engine knows: `apps/api/Dockerfile:7 RUN npm ci`. */
  readonly place?: string;
}

/**
 * Reads a failed exec out of an error, or answers undefined for any other error. The class cannot be asked: inside
 * a module the client's error classes are not exported, and two copies of the client may be loaded.
 */
export function stepFailure(error: unknown): StepFailure | undefined {
  if (error === null || typeof error !== "object") return undefined;
  const { code, extensions } = error as { code?: unknown; extensions?: Record<string, unknown> };
  const isExecError = code === "D109" || extensions?.["_type"] === "EXEC_ERROR";
  if (!isExecError) return undefined;
  const own = error as Record<string, unknown>;
  const read = (name: string) => extensions?.[name] ?? own[name];
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const exitCode = read("exitCode");
  const place = extensions?.["place"];
  return {
    exitCode: typeof exitCode === "number" ? exitCode : 1,
    stdout: text(read("stdout")),
    stderr: text(read("stderr")),
    ...(typeof place === "string" ? { place } : {}),
  };
}

/** What to do about an error of the embedded engine's, where it says so. */
export function engineRemedy(error: unknown): string | undefined {
  const extensions = (error as { extensions?: { fairway?: { remedy?: unknown } } } | null)?.extensions;
  const remedy = extensions?.fairway?.remedy;
  return typeof remedy === "string" ? remedy : undefined;
}

/** All that the step printed, without colours: tools write their findings to either stream, and colour them unasked. */
export function outputOf({ stdout, stderr }: StepFailure): string {
  return [stdout, stderr]
    .map((text) => stripVTControlCharacters(text).trimEnd())
    .filter((text) => text !== "")
    .join("\n");
}

/** The last lines of a text, saying how many stood before them. */
export function lastLines(text: string, count: number): string {
  const lines = text.trimEnd().split("\n");
  if (lines.length <= count) return lines.join("\n");
  return [`... ${String(lines.length - count)} lines before`, ...lines.slice(-count)].join("\n");
}
