import { exitCodes } from "../../model/errors.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import type { CallAnswer } from "../run/function.ts";
import { watched } from "../run/watched.ts";
import type { HostCommandContext } from "./host-commands.ts";
import { callOf, chosen, listMarked, markedFunctions } from "./marked.ts";

/**
 * `fairway generate`: the functions with @generate answer changes, which are shown, and written with -y only; a run
 * without a terminal never asks, so nobody is asked here.
 */
export async function generate(call: HostCommandCall, context: HostCommandContext): Promise<number> {
  const { terminal, places } = context;
  const module = await context.module();
  const all = markedFunctions(module, ({ isGenerator }) => isGenerator);
  const generators = chosen(all, (call.values["generator"] ?? []) as readonly string[], "generator");
  const [first] = generators;
  if (call.values["list"] === true || first === undefined) {
    listMarked(generators, call.options.json, terminal);
    return 0;
  }
  const write = call.values["autoApply"] === true;
  const done = await watched(callOf(first, call), { ...context, module }, async (perform) => {
    const answers: { readonly name: string; readonly answer: CallAnswer }[] = [];
    // Whatever cannot be made stops all of it before anything is written.
    for (const one of generators) answers.push({ name: one.name, answer: await perform(callOf(one, call)) });
    if (write) for (const { answer } of answers) await answer.changes?.export(places.repository);
    return answers.map(({ name, answer }) => ({ name, changes: answer.text }));
  });
  if (typeof done === "number") return done;
  if (call.options.json) terminal.out(`${JSON.stringify(done, null, 2)}\n`);
  else
    for (const { name, changes } of done)
      terminal.out(`${name}\n${changes === "" ? "no changes\n" : changes}`);
  const isPending = !write && done.some(({ changes }) => changes !== "");
  if (isPending) terminal.notes.write("nothing was written; to write it: npx fairway generate -y\n");
  return exitCodes.done;
}
