import type { Config } from "../../../config/config.ts";
import { isFairwayError } from "../../../model/errors.ts";
import { visible } from "../../../model/visible.ts";
import { hostRooms } from "../../run/session.ts";
import type { DoctorContext, Finding } from "./checks.ts";

/** Whether checks that want a browser find one in a step here; null where none does. */
export async function browserOfChecks({ places, config }: DoctorContext): Promise<Finding | null> {
  const names = checksWith(config, (check) => check.browser);
  if (config === null || names.length === 0) return null;
  const finding = { name: "browser", needed: false };
  const wanted = `for ${names.join(", ")}`;
  const { haveBrowser, toolImages } = await import("../../../steps/steps.ts");
  const { browser, node } = toolImages(config.toolImages);
  try {
    const { sandbox } = await hostRooms(places)();
    const standIn = await sandbox.standIn(browser ?? node);
    let said = "";
    const { exitCode } = await sandbox.run({
      ...{ standIn, stack: [], mounts: [], command: haveBrowser, variables: standIn.variables },
      ...{ workdir: "/", user: "", hosts: {} },
      onOutput: (stream, chunk) => (said += stream === "stdout" ? chunk.toString() : ""),
    });
    const [path = "", version = ""] = said.trim().split("\n");
    if (exitCode === 0) return { ...finding, state: "ok", text: visible(`${version} (${path}), ${wanted}`) };
    const remedy = "apt-get install chromium, or use the real engine: --engine dagger";
    return { ...finding, state: "missing", text: `no Chromium or Google Chrome, ${wanted}`, remedy };
  } catch (error) {
    return { ...finding, ...unable(error) };
  }
}

/** Whether this machine has a server for checks that want Redis; null where none does. */
export async function redisOfChecks({ places, config }: DoctorContext): Promise<Finding | null> {
  const names = checksWith(config, (check) => check.redis !== null);
  if (config === null || names.length === 0) return null;
  const finding = { name: "Redis", needed: false };
  const { toolImages } = await import("../../../steps/steps.ts");
  try {
    const { sandbox } = await hostRooms(places)();
    await sandbox.standIn(toolImages(config.toolImages).redis("latest"));
    return { ...finding, state: "ok", text: `redis-server, for ${names.join(", ")}` };
  } catch (error) {
    return { ...finding, ...unable(error) };
  }
}

function unable(error: unknown): Pick<Finding, "state" | "text" | "remedy"> {
  const remedy = (isFairwayError(error) ? error.remedy : undefined) ?? "use the real engine: --engine dagger";
  return { state: "missing", text: visible((error as Error).message), remedy };
}

type ScriptCheck = Extract<Config["checks"][number], { script: string }>;

function checksWith(config: Config | null, wants: (check: ScriptCheck) => boolean): string[] {
  const checks = config?.checks ?? [];
  return checks.flatMap((check) => ("script" in check && wants(check) ? [check.name] : []));
}
