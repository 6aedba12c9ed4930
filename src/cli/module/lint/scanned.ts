import { relative } from "node:path";
import type { Manifest, TypeReference } from "../manifest.ts";
import type { ModuleProblem } from "./lint.ts";
import { functionsOf, type ModuleSource } from "./source.ts";

/** What the engine's scanner says of a module that it refuses, with the place that it names. */
export function refusal(source: ModuleSource, message: string, place: string): ModuleProblem {
  return {
    rule: "scanner",
    place: placeIn(source, message) ?? place,
    message: `the engine's scanner refuses it: ${withoutPlace(message)}`,
    remedy: "write what the engine has: its rules are at https://docs.dagger.io/extending/custom-functions",
  };
}

/** What it prints of one that it takes. */
export function warning(source: ModuleSource, message: string, place: string): ModuleProblem {
  return {
    rule: "scanner",
    place: placeIn(source, message) ?? place,
    message: withoutPlace(message),
    remedy: "write a literal or a constant, or give the value in the function's body",
  };
}

/** Answers whose type nobody wrote: the scanner infers them, and lets through what the engine does not have. */
export function inferredProblems(
  source: ModuleSource,
  manifest: Manifest,
  core: ReadonlySet<string>,
): ModuleProblem[] {
  return source.objects.flatMap((object) =>
    functionsOf(object)
      .filter(({ type }) => type === undefined)
      .flatMap((member) => {
        const found = manifest.objects[object.name]?.functions.find(
          (one) => one.member === member.name.getText(),
        );
        const name = found === undefined ? undefined : unknown(found.returns, core);
        if (name === undefined) return [];
        return [
          {
            rule: "hidden-function" as const,
            place: object.file.placeOf(member.name),
            message: `its answer is ${name}, which is no type of the engine: the function is not there`,
            remedy: "make it a string enum, or a class with @object()",
          },
        ];
      }),
  );
}

function unknown(type: TypeReference, core: ReadonlySet<string>): string | undefined {
  if (type.kind === "list") return unknown(type.of, core);
  if (type.kind === "interface") return type.name;
  return type.kind === "scalar" && !core.has(type.name) ? type.name : undefined;
}

/** `/work/ci/src/index.ts:4:10`, whose lines are counted from 0. */
const position = /(?: at| in)? ((?:[A-Za-z]:)?[^\s:]+\.m?ts):(\d+):\d+/;

function placeIn({ files, root }: ModuleSource, message: string): string | undefined {
  const [, path = "", line = "0"] = position.exec(message) ?? [];
  return files.has(path) ? `${relative(root, path)}:${String(Number(line) + 1)}` : undefined;
}

function withoutPlace(message: string): string {
  return message.replace(position, "").replace(/\s+/g, " ").trim();
}
