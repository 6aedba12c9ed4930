import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isFairwayError } from "../../../model/errors.ts";
import { kebabCase } from "../../commands/words.ts";
import { mainObject } from "../../module/manifest.ts";
import { openModule, stockModule } from "../../module/module.ts";
import type { DoctorContext, Finding } from "./checks.ts";

/** Would a real engine take the team's module as it is, and does it still have every stock function? */
export async function teamModule({ places }: DoctorContext): Promise<Finding> {
  const name = "module";
  try {
    const module = await openModule(places, undefined);
    if (module.kind === "stock") return { name, state: "ok", needed: false, text: "the stock module" };
    const problems = await problemsOf(module.settingsFile, module.root);
    if (problems.length > 0) {
      const text = `${module.place}: a Dagger engine would refuse or hide something`;
      return { name, state: "missing", needed: false, text, remedy: problems.join("\n") };
    }
    const stock = mainObject((await stockModule(places)).manifest).functions;
    const own = new Set(mainObject(module.manifest).functions.map((definition) => definition.name));
    const missing = stock
      .filter((definition) => !own.has(definition.name))
      .map((definition) => kebabCase(definition.name));
    const without = missing.length === 0 ? "" : `, without ${missing.join(", ")}`;
    return { name, state: "ok", needed: false, text: `${module.place}${without}` };
  } catch (error) {
    const remedy = isFairwayError(error) && error.remedy !== undefined ? { remedy: error.remedy } : {};
    return { name, state: "missing", needed: false, text: (error as Error).message, ...remedy };
  }
}

async function problemsOf(settingsFile: string, source: string): Promise<string[]> {
  const [{ lintModule }, { requireSdk }] = await Promise.all([
    import("../../module/lint/lint.ts"),
    import("../../module/sdk.ts"),
  ]);
  const scratch = await mkdtemp(join(tmpdir(), "fairway-doctor-"));
  try {
    const problems = await lintModule({ root: dirname(settingsFile), sdk: requireSdk(source), scratch });
    return problems.map(({ place, message }) => `${place}: ${message}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
