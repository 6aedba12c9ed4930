import { exitCodes } from "../../../model/errors.ts";
import type { HostCommandCall } from "../../commands/invocation.ts";
import type { Colours } from "../../terminal.ts";
import type { HostCommandContext } from "../host-commands.ts";
import { checks, type Finding } from "./checks.ts";

/** What this machine can run; exit 1 when the embedded engine cannot. */
export async function doctor(
  call: HostCommandCall,
  { places, terminal }: HostCommandContext,
): Promise<number> {
  const findings: Finding[] = [];
  for (const check of checks) {
    const finding = await check({ places, variables: process.env });
    if (finding === null) continue;
    findings.push(finding);
    if (!call.options.json) terminal.out(line(finding, terminal.outColours));
  }
  const blocked = findings.filter(({ state, needed }) => state !== "ok" && needed);
  if (call.options.json) terminal.out(`${JSON.stringify({ ok: blocked.length === 0, findings }, null, 2)}\n`);
  else terminal.out(`\n${verdict(blocked, terminal.outColours)}\n`);
  return blocked.length === 0 ? exitCodes.done : exitCodes.failed;
}

function line({ name, state, needed, text, remedy }: Finding, colours: Colours): string {
  const mark =
    state === "ok"
      ? colours.green("✓ ok     ")
      : needed
        ? colours.red(`✗ ${state}`)
        : state === "invalid"
          ? colours.red("✗ invalid")
          : colours.yellow(state === "trap" ? "! trap   " : "- missing");
  const fix =
    remedy === undefined ? [] : remedy.split("\n").map((part) => `${" ".repeat(29)}${colours.faint(part)}`);
  return `${[`${mark}  ${name.padEnd(18)}${text}`, ...fix].join("\n")}\n`;
}

function verdict(blocked: readonly Finding[], { green, red, bold }: Colours): string {
  if (blocked.length === 0) return green("This machine runs Fairway's embedded engine.");
  const names = blocked.map(({ name }) => name).join(", ");
  return `${red(bold("The embedded engine cannot run here:"))} ${names}. A Dagger engine may: --engine dagger.`;
}
