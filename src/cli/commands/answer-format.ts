import { extname } from "node:path";
import { usageError } from "../../model/errors.ts";
import type { Flag } from "./flags.ts";

export interface Asked {
  /** The function's own flag, where it is one that knows JSON. */
  readonly format: Flag | undefined;
  /** What was given for it. */
  readonly value: string | undefined;
  readonly json: boolean;
  readonly out?: string | undefined;
  /** The function, as it is typed. */
  readonly command: string;
}

/**
 * The form in which an answer is asked for, by `--format`, by `--json`, or by the ending of the file that it goes to; undefined
 * where nobody says.
 * @throws FairwayError FORMAT_CONTRADICTS, OUTPUT_FORMAT (exit 2)
 */
export function askedFormat({ format, value, json, out, command }: Asked): unknown {
  if (format === undefined) return value;
  const asJson = format.read("json");
  if (json && value !== undefined && value !== asJson)
    throw usageError(`--json is --format json, and --format ${value} was given beside it`, {
      code: "FORMAT_CONTRADICTS",
      remedy: "Leave out one of them.",
    });
  if (value !== undefined) return value;
  if (json) return asJson;
  return out === undefined ? undefined : byEnding(format, out, command);
}

const endings: Readonly<Record<string, string>> = {
  ".htm": "html",
  ".html": "html",
  ".markdown": "markdown",
  ".md": "markdown",
  ".sarif": "sarif",
  ".txt": "text",
  ".xml": "junit",
};

/** JSON, unless the ending says otherwise. */
function byEnding(format: Flag, out: string, command: string): unknown {
  const ending = extname(out).toLowerCase();
  const name = endings[ending];
  // Of a flag that takes any word nobody knows which of them would do.
  if (name === undefined || format.argument.type.kind !== "enum") return format.read("json");
  try {
    return format.read(name);
  } catch {
    throw usageError(`${command} cannot be written as ${name}, which ${out} asks for by its ending`, {
      code: "OUTPUT_FORMAT",
      remedy: `Name a .json file, or say which of these it is: --format ${format.placeholder}`,
    });
  }
}
