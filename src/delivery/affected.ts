import { usageError } from "../model/errors.ts";
import { type Affected, affectedBy, affectedText, changedPaths, packagesOf } from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";

/** What is to be checked: all, or what the commits since a base have touched. */
export interface CheckScope {
  readonly affected: boolean;
  /** A branch, tag or commit; `""` for the remote's default branch, or else main. */
  readonly base: string;
}

/** What was touched, and the command that checks one thing of it alone. */
export interface AffectedCheck {
  readonly affected: Affected;
  readonly repeat: (name: string) => string;
}

/** @throws FairwayError (exit 2) where git cannot tell: an unknown base, a history that does not reach it */
export async function affectedIn(
  delivery: Delivery,
  { affected, base }: CheckScope,
): Promise<AffectedCheck | undefined> {
  if (!affected && base === "") return undefined;
  if (!affected) {
    throw usageError("--base says what --affected compares with, which is not there", {
      place: "--base",
      remedy: `${delivery.command} check --affected --base ${base}`,
    });
  }
  // It says what is wrong where there is no history at all.
  await delivery.facts();
  const { progress, command } = delivery;
  return progress.task("what was touched", async (task) => {
    const [project, step] = await Promise.all([delivery.project(), delivery.git()]);
    const changed = await changedPaths(step, base);
    const { toolchain, source } = project;
    const packages = await packagesOf(toolchain, source, () => project.installed(progress));
    const found = affectedBy(changed, packages);
    task.outcome("done", affectedText(found));
    const again = `${command} check --affected${base === "" ? "" : ` --base ${base}`}`;
    return { affected: found, repeat: (name) => `${again} --only ${name}` };
  });
}
