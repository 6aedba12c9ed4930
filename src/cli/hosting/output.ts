import { resolve } from "node:path";
import { usageError } from "../../model/errors.ts";
import type { FunctionCall } from "../commands/invocation.ts";
import { kebabCase } from "../commands/words.ts";
import type { TypeReference } from "../module/manifest.ts";
import { isCoreObject } from "./state.ts";

/** Objects that are files once they are written. */
const exportable: ReadonlySet<string> = new Set(["Container", "Directory", "File", "Changeset"]);

/** What the words of a call end in. */
function answerType({ definition, links }: Pick<FunctionCall, "definition" | "links">): TypeReference {
  return links.at(-1)?.definition.returns ?? definition.returns;
}

/** Whether the answer is one of the engine's objects that are written by the engine. */
export function isExported(call: Pick<FunctionCall, "definition" | "links">): boolean {
  const type = answerType(call);
  return type.kind === "object" && exportable.has(type.name);
}

/**
 * `--output` writes text, and exports a Container, Directory, File or Changeset; any other object has nothing to write.
 * @throws FairwayError OUTPUT_TYPE (exit 2), before anything is run
 */
export function requireWritable(call: FunctionCall): void {
  const type = answerType(call);
  if (call.options.out === undefined) return;
  const element = type.kind === "list" ? type.of : type;
  if (element.kind !== "object" || isExported(call)) return;
  const what = type.kind === "list" ? `a list of ${element.name}` : `a ${element.name}`;
  throw usageError(`--output cannot write ${what}`, {
    code: "OUTPUT_TYPE",
    remedy: `chain to what is in it, for its functions see: npx fairway functions ${[
      call.definition,
      ...call.links.map((link) => link.definition),
    ]
      .map(({ name }) => kebabCase(name))
      .join(" ")}`,
  });
}

/** Writes one of the engine's objects where `--output` says; answers the path, or undefined for any other value. */
export async function exported(value: unknown, out: string, workdir: string): Promise<string | undefined> {
  if (!isCoreObject(value) || !exportable.has(value.constructor.name)) return undefined;
  const object = value as unknown as {
    export(path: string, options?: { allowParentDirPath: boolean }): Promise<string>;
  };
  const path = resolve(workdir, out);
  // As cp does it: a file goes into a directory that is there.
  return value.constructor.name === "File"
    ? object.export(path, { allowParentDirPath: true })
    : object.export(path);
}
