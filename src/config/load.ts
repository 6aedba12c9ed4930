import { type Document, isMap, isPair, isScalar, LineCounter, type Node, parseDocument, visit } from "yaml";
import { FairwayError, exitCodes } from "../model/errors.ts";
import { isError, pathText, type Problem } from "./problems.ts";
import type { Config } from "./schema.ts";
import { validate } from "./validate.ts";

export interface LoadOptions {
  /** Told of each doubtful thing that is no error: `fairway.yaml:12:5 services.web.port: ...`. */
  readonly onWarning?: (text: string) => void;
}

/**
 * Reads the text of a fairway.yaml.
 * @param file how the file is called in messages.
 * @throws one FairwayError (CONFIG_INVALID, exit 2) with every error and its place.
 */
export function loadConfig(text: string, file: string, options: LoadOptions = {}): Config {
  return loadDocument(
    text,
    file,
    (value) => {
      const { config, problems } = validate(value);
      return { value: config, problems };
    },
    options,
  );
}

/** What of a config can be read although it is wrong, and the paths at which it is: what stands there says nothing. */
export interface SoundConfig {
  readonly config: Config;
  /** `services.api.port` */
  readonly faults: readonly string[];
}

/** Undefined where nothing can be read. */
export function soundConfig(text: string): SoundConfig | undefined {
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0 || loneAliases(document).length > 0) return undefined;
  try {
    return soundPart(
      valueOf(document, (why) => new FairwayError(why, { code: "", exitCode: exitCodes.usage })),
    );
  } catch {
    return undefined;
  }
}

export function soundPart(...input: Parameters<typeof validate>): SoundConfig | undefined {
  const { sound, problems } = validate(...input);
  const faults = problems.filter(isError).map(({ path }) => pathText(path));
  return sound === undefined ? undefined : { config: sound, faults };
}

/**
 * Reads a YAML document of any shape, and says at which line and column what `check` finds.
 * @throws one FairwayError (exit 2) with every error and its place
 */
export function loadDocument<T>(
  text: string,
  file: string,
  check: (value: unknown) => { readonly value: T | undefined; readonly problems: readonly Problem[] },
  options: LoadOptions & {
    /** @default CONFIG_INVALID */
    readonly code?: string;
  } = {},
): T {
  const invalid = invalidWith(options.code ?? "CONFIG_INVALID");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${String(Math.max(line, 1))}:${String(Math.max(col, 1))}`;
  };
  const faults = [
    ...document.errors.map(({ pos, message }) => ({ offset: pos[0], message })),
    ...loneAliases(document),
  ];
  if (faults.length > 0) {
    throw invalid(
      file,
      faults.map(({ offset, message }) => ({ place: at(offset), message: sentence(message) })),
    );
  }
  const { value, problems } = check(
    valueOf(document, (why) => invalid(file, [{ place: `${file}:1:1`, message: why }])),
  );
  const placed = problems
    .map((problem) => ({ ...problem, offset: offsetOf(document, problem) }))
    .sort((a, b) => a.offset - b.offset)
    .map((problem) => ({ ...problem, place: `${at(problem.offset)} ${pathText(problem.path)}`.trimEnd() }));
  const errors = placed.filter(isError);
  if (value === undefined || errors.length > 0) throw invalid(file, errors);
  for (const { place, message } of placed) options.onWarning?.(`${place}: ${message}`);
  return value;
}

/**
 * Checks a config that is a value already, as `pipeline()` takes it.
 * @param place how it is called in messages: `pipeline("shop")`.
 * @throws one FairwayError (CONFIG_INVALID, exit 2) with every error and its path.
 */
export function validateConfig(
  input: unknown,
  place: string,
  options: LoadOptions & {
    /** Checks that are functions, which the config's may need. */
    readonly ownChecks?: Parameters<typeof validate>[1];
  } = {},
): Config {
  const { config, problems } = validate(input, options.ownChecks);
  return checkedValue({ value: config, problems }, place, options);
}

/**
 * What a check answers of a value that was in no file.
 * @throws one FairwayError (exit 2) with every error and its path
 */
export function checkedValue<T>(
  { value, problems }: { readonly value: T | undefined; readonly problems: readonly Problem[] },
  place: string,
  options: LoadOptions & { readonly code?: string } = {},
): T {
  const placed = problems.map((problem) => ({
    ...problem,
    place: `${place} ${pathText(problem.path)}`.trimEnd(),
  }));
  const errors = placed.filter(isError);
  if (value === undefined || errors.length > 0) {
    throw invalidWith(options.code ?? "CONFIG_INVALID")(place, errors);
  }
  for (const warning of placed) options.onWarning?.(`${warning.place}: ${warning.message}`);
  return value;
}

const invalidWith =
  (code: string) => (file: string, errors: readonly { place: string; message: string }[]) => {
    const [first] = errors;
    const details = { code, exitCode: exitCodes.usage } as const;
    if (errors.length === 1 && first !== undefined) {
      return new FairwayError(`${file} is not valid: ${first.message}`, { ...details, place: first.place });
    }
    const list = errors.map(({ place, message }) => `${place}: ${message}`).join("\n");
    return new FairwayError(`${file} is not valid: ${String(errors.length)} errors`, {
      ...details,
      place: file,
      output: list,
    });
  };

/** Aliases without an anchor before them. */
function loneAliases(document: Document): { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      found.push({
        offset: alias.range?.[0] ?? 0,
        message: `there is no anchor &${alias.source} before this`,
      });
    },
  });
  return found;
}

/** The document's value. A plain variable is the text that was written: `1.10` is not 1.1. */
function valueOf(document: Document, unreadable: (why: string) => FairwayError): unknown {
  visit(document, {
    Pair: (_, pair) => {
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      if (key === "variables" && isMap(pair.value)) for (const item of pair.value.items) keepText(item.value);
      if (key === "postgres") keepText(pair.value);
    },
  });
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (cause) {
    throw unreadable(sentence(cause instanceof Error ? cause.message : String(cause)));
  }
}

function keepText(node: unknown): void {
  if (
    isScalar(node) &&
    (typeof node.value === "number" || typeof node.value === "boolean") &&
    node.source !== undefined
  ) {
    node.value = node.source;
  }
}

/** Where a problem stands: at its value, at its key, or at the nearest thing above that exists. */
function offsetOf(document: Document, { path, atKey }: Problem): number {
  for (let length = path.length; length > 0; length--) {
    const holder = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isMap(holder)) {
      const pair = holder.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
      );
      const useKey = atKey === true || length < path.length;
      const node = (useKey ? pair?.key : (pair?.value ?? pair?.key)) as Node | undefined;
      if (node?.range) return node.range[0];
    } else {
      const node = document.getIn(path.slice(0, length), true) as Node | undefined;
      if (node?.range) return node.range[0];
    }
  }
  return document.contents?.range?.[0] ?? 0;
}

function sentence(message: string): string {
  const line = message.split("\n")[0] ?? message;
  return line.charAt(0).toLowerCase() + line.slice(1);
}
