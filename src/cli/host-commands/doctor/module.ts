import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { isFairwayError } from "../../../model/errors.ts";
import { kebabCase } from "../../commands/words.ts";
import { mainObject } from "../../module/manifest.ts";
import { openModule, ownSettings, stockModule } from "../../module/module.ts";
import type { DoctorContext, Finding } from "./checks.ts";

const name = "module";

/** Would a real engine take the team's module as it is, and does it still have every stock function? */
export async function teamModule({ places }: DoctorContext): Promise<Finding> {
  try {
    const settingsFile = await ownSettings(places);
    if (settingsFile === undefined || dirname(settingsFile) === places.package)
      return { name, state: "ok", needed: false, text: "the stock module" };
    // Before it is opened, which ends at the first thing that is wrong.
    const problems = await problemsOf(settingsFile, places.workdir);
    if (problems.length > 0) {
      const place = relative(places.workdir, settingsFile);
      const text = `${place}: a Dagger engine would refuse, hide or change something`;
      return { name, state: "trap", needed: false, text, remedy: problems.join("\n") };
    }
    const module = await openModule(places, undefined);
    const stock = mainObject((await stockModule(places)).manifest).functions;
    const own = new Set(mainObject(module.manifest).functions.map((definition) => definition.name));
    const missing = stock
      .filter((definition) => !own.has(definition.name))
      .map((definition) => kebabCase(definition.name));
    const without = missing.length === 0 ? "" : `, without ${missing.join(", ")}`;
    return { name, state: "ok", needed: false, text: `${module.place}${without}` };
  } catch (error) {
    const remedy = isFairwayError(error) && error.remedy !== undefined ? { remedy: error.remedy } : {};
    return { name, state: "invalid", needed: false, text: (error as Error).message, ...remedy };
  }
}

/** Each with its file (from here), its line, and what to write instead. */
async function problemsOf(settingsFile: string, workdir: string): Promise<string[]> {
  const [{ lintModule }, { requireSdk }, { readModuleSettings }] = await Promise.all([
    import("../../module/lint/lint.ts"),
    import("../../module/sdk.ts"),
    import("../../module/source-files.ts"),
  ]);
  const root = dirname(settingsFile);
  const { source } = await readModuleSettings(settingsFile, relative(workdir, settingsFile));
  const scratch = await mkdtemp(join(tmpdir(), "fairway-doctor-"));
  try {
    const problems = await lintModule({ root, sdk: requireSdk(join(root, source)), scratch });
    return problems.map(
      ({ place, message, remedy }) => `${join(relative(workdir, root), place)}: ${message}; ${remedy}`,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
