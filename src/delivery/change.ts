import {
  type Affected,
  affectedBy,
  affectedText,
  type Base,
  changedPaths,
  openProject,
  packagesOf,
  sourceAt,
} from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";

/** What a check is about: all, or a change. */
export interface CheckScope {
  /** Runs only what the change touches. */
  readonly affected: boolean;
  /**
   * What the change was made from: a branch, tag or commit, whose findings are old. `""` for none; with `affected` the remote's
   * default branch, or else main.
   */
  readonly base: string;
}

/** What a change was made from, what it touched, and the command that checks it, or one thing of it alone. */
export interface CheckedChange {
  readonly base: Base;
  /** Absent where everything is run. */
  readonly affected?: Affected;
  readonly command: string;
  readonly repeat: (name: string) => string;
}

/** @throws FairwayError (exit 2) where git cannot tell: an unknown base, a history that does not reach it */
export async function changeIn(
  delivery: Delivery,
  { affected, base }: CheckScope,
): Promise<CheckedChange | undefined> {
  if (!affected && base === "") return undefined;
  // It says what is wrong where there is no history at all.
  await delivery.facts();
  const { progress, command } = delivery;
  return progress.task(affected ? "what was touched" : "what it was made from", async (task) => {
    const changed = await changedPaths(await delivery.git(), base);
    const again = `${command} check${affected ? " --affected" : ""}${base === "" ? "" : ` --base ${base}`}`;
    const change = {
      base: baseAt(delivery, changed),
      command: again,
      repeat: (name: string) => `${again} --only ${name}`,
    };
    if (!affected) {
      task.outcome("done", `${changed.base} at ${changed.since.slice(0, 7)}`);
      return change;
    }
    const project = await delivery.project();
    const { toolchain, source } = project;
    const packages = await packagesOf(toolchain, source, () => project.installed(progress));
    const found = affectedBy(changed, packages);
    task.outcome("done", affectedText(found));
    return { ...change, affected: found };
  });
}

/** The commit where both lines part, with the config of now; opened when something has to be compared with it. */
function baseAt(delivery: Delivery, { base: name, since }: { base: string; since: string }): Base {
  let project: ReturnType<Base["project"]> | undefined;
  const open = async () =>
    openProject(delivery.dag, sourceAt(await delivery.git(), since), await delivery.config());
  return { name, project: () => (project ??= open()) };
}
