import type { Config } from "../../../config/config.ts";
import { isFairwayError } from "../../../model/errors.ts";
import { visible } from "../../../model/visible.ts";
import type { Toolchain } from "../../../steps/toolchains/toolchains.ts";
import type { DoctorContext, Finding } from "./checks.ts";
import { rootFilesIn } from "./repository.ts";

type ScriptCheck = Extract<Config["checks"][number], { script: string }>;

const name = "toolchain";

/** What was detected of the repository, what its checks become, and which of its tasks no check names. */
export async function repositoryToolchain({ places, config }: DoctorContext): Promise<Finding | null> {
  const { detectToolchain, packageManager, toolchainText } =
    await import("../../../steps/toolchains/toolchains.ts");
  if (config === null) return null;
  try {
    const toolchain = detectToolchain(await rootFilesIn(places.repository));
    const details = explained(config, toolchain, packageManager(toolchain).run);
    return { name, state: "ok", needed: false, text: visible(toolchainText(toolchain)), details };
  } catch (error) {
    if (!isFairwayError(error)) throw error;
    const { message, place, remedy } = error;
    const text = visible(place === undefined ? message : `${place}: ${message}`);
    return { name, state: "invalid", needed: false, text, ...(remedy === undefined ? {} : { remedy }) };
  }
}

/** `lint: pnpm run lint (turbo run lint)` */
function explained(
  { checks }: Config,
  { manager, tasks }: Toolchain,
  run: (task: string) => readonly string[],
): string {
  const scripts = checks.flatMap((check) => ("script" in check ? [check] : []));
  const listed = scripts.map((check) => {
    const { name: called, script } = check;
    const command = run(script).join(" ");
    const behind = tasks[script];
    if (behind === undefined) return `check ${called}: there is no ${script}`;
    return `check ${called}: ${command}${manager === "cargo" ? "" : ` (${behind})`}${around(check)}`;
  });
  const others = Object.keys(tasks).filter((task) => !scripts.some(({ script }) => script === task));
  const rest = others.length === 0 ? [] : [`named by no check: ${others.join(", ")}`];
  return [...listed, ...rest].map(visible).join("\n");
}

/** `, with a browser and PostgreSQL 18` */
function around({ browser, postgres, redis }: Pick<ScriptCheck, "browser" | "postgres" | "redis">): string {
  const all = [
    ...(browser ? ["a browser"] : []),
    ...(postgres === null ? [] : [`PostgreSQL ${postgres}`]),
    ...(redis === null ? [] : [`Redis ${redis}`]),
  ];
  return all.length === 0 ? "" : `, with ${all.join(" and ")}`;
}
