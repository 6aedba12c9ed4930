import { DockerfileParser, type Instruction as AstInstruction } from "dockerfile-ast";
import { usageError } from "../../model/errors.ts";

export interface Instruction {
  /** Upper case. */
  readonly keyword: string;
  /** `apps/api/Dockerfile:12` */
  readonly place: string;
  readonly flags: readonly Flag[];
  /** What stands after keyword and flags, lines joined, comments between them left out. */
  readonly text: string;
  readonly heredocs: readonly Heredoc[];
}

export interface Flag {
  readonly name: string;
  readonly value: string;
}

export interface Heredoc {
  readonly name: string;
  readonly content: string;
  /** False where the delimiter is quoted. */
  readonly expands: boolean;
}

export interface ParsedDockerfile {
  readonly instructions: readonly Instruction[];
  /** `\` or a backtick. */
  readonly escape: string;
}

/** Reads a Dockerfile; `name` is how errors call it. */
export function parseDockerfile(text: string, name: string): ParsedDockerfile {
  const file = DockerfileParser.parse(text);
  const escape = file.getEscapeCharacter();
  const lines = text.split(/\r?\n/);
  const instructions = file.getInstructions().map((instruction) => read(instruction, name, escape, lines));
  if (instructions.length === 0)
    throw usageError(`${name}: the Dockerfile cannot be empty`, { code: "DOCKERFILE_INVALID", place: name });
  return { instructions, escape };
}

/** The words of the JSON form, undefined where the text is not in it. */
export function jsonWords(text: string): readonly string[] | undefined {
  if (!text.trim().startsWith("[")) return undefined;
  try {
    const words = JSON.parse(text) as unknown;
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    return undefined;
  }
}

function read(
  instruction: AstInstruction,
  name: string,
  escape: string,
  lines: readonly string[],
): Instruction {
  const flagged = instruction as AstInstruction & {
    getFlags?(): readonly { getName(): string; getValue(): string | null }[];
  };
  const flags = (flagged.getFlags?.() ?? []).map((flag) => ({
    name: flag.getName(),
    value: flag.getValue() ?? "true",
  }));
  const raw = instruction.getRawArgumentsContent() ?? "";
  const line = instruction.getRange().start.line;
  return {
    keyword: instruction.getKeyword(),
    place: `${name}:${String(line + 1)}`,
    flags: flags.map(({ name: flag, value }) => ({ name: flag, value: unquoted(value) })),
    ...body(raw, escape, lines, instruction),
  };
}

function body(
  raw: string,
  escape: string,
  lines: readonly string[],
  instruction: AstInstruction,
): Pick<Instruction, "text" | "heredocs"> {
  const first = raw.split("\n")[0] ?? "";
  const found = [...first.matchAll(/<<(-?)(["']?)([A-Za-z_]\w*)\2/g)];
  const takes = ["RUN", "COPY", "ADD"].includes(instruction.getKeyword()) && raw.includes("\n");
  if (found.length === 0 || !takes) return { text: joined(raw, escape), heredocs: [] };
  const rest = lines.slice(instruction.getRange().start.line + 1, instruction.getRange().end.line + 1);
  const heredocs = found.map(([, dash = "", quote = "", delimiter = ""]) => {
    const strip = (line: string) => (dash === "" ? line : line.replace(/^\t+/, ""));
    const end = rest.findIndex((line) => strip(line) === delimiter);
    const content = rest.splice(0, end === -1 ? rest.length : end).map((line) => `${strip(line)}\n`);
    rest.shift();
    return { name: delimiter, content: content.join(""), expands: quote === "" };
  });
  return { text: first.trim(), heredocs };
}

/** One line of what is written on several; a comment between them belongs to none. */
function joined(raw: string, escape: string): string {
  const end = escape === "`" ? /`[ \t]*$/ : /\\[ \t]*$/;
  const lines = raw.split(/\r?\n/).filter((line, index) => index === 0 || !/^\s*#/.test(line));
  return lines
    .map((line) => line.replace(end, ""))
    .join("")
    .trim();
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, "$2");
}
