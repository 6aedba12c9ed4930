import { matcherText } from "./matcher.ts";
import type { RecordedStep } from "./trace/trace.ts";

/** What the client keeps of a request: pages of JSON, which a test runner prints below the one line that counts. */
const kept = ["cause", "response", "requestContext"] as const;

/**
 * The client's own error without the request in it; where a file is missing that no step has left, with how a test gives
 * it. Another error stays as it is.
 */
export function readable(error: unknown, steps: readonly RecordedStep[]): unknown {
  if (!(error instanceof Error) || !isOfClient(error)) return error;
  for (const name of kept)
    if (name in error)
      Object.defineProperty(error, name, { value: undefined, enumerable: false, writable: true });
  const [, path] = missingFile.exec(error.message) ?? [];
  const hint = path === undefined ? undefined : howToGive(path, steps);
  if (hint === undefined || error.message.includes(hint)) return error;
  // The stack has the message too, and runners print the stack.
  const { message } = error;
  error.message = `${message}\n${hint}`;
  if (error.stack !== undefined) error.stack = error.stack.replace(message, () => error.message);
  return error;
}

function isOfClient(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return code === "D100" || code === "D109";
}

const missingFile = /^(?:stat|open) (.*): no such file or directory$/s;

function howToGive(path: string, steps: readonly RecordedStep[]): string {
  const bare = steps.filter(({ leftFiles }) => leftFiles !== true).map(commandOf);
  const last = [...new Map(bare.map((command) => [matcherText(command), command])).keys()].slice(-3);
  const which = last.length === 0 ? "" : `; those to ${last.join(", ")} say of none`;
  const [only] = last.length === 1 ? last : ["..."];
  const example = JSON.stringify(path);
  return (
    `a scripted step leaves the files of its answer${which}: engine.on(${only ?? "..."}).answers({ files: { ${example}: "text" } })\n` +
    "an image has those of scriptedEngine({ images }); with { assumesFiles: true } whatever is asked for is there, and empty"
  );
}

function commandOf({ exec }: RecordedStep): readonly string[] {
  return exec.shownArgv;
}
