import { exitCodes } from "../../../model/errors.ts";
import type { HostCommandCall } from "../../commands/invocation.ts";
import type { Colours } from "../../terminal.ts";
import type { HostCommandContext } from "../host-commands.ts";
import { checks, type Finding } from "./checks.ts";
import { configIn } from "./config.ts";

/** What this machine can run, and what is wrong in the repository; exit 1 for either. */
export async function doctor(
  call: HostCommandCall,
  { places, terminal }: HostCommandContext,
): Promise<number> {
  const context = { places, variables: process.env, config: await configIn(places) };
  const findings: Finding[] = [];
  for (const check of checks) {
    const finding = await check(context);
    if (finding === null) continue;
    findings.push(finding);
    if (!call.options.json) terminal.out(line(finding, terminal.outColours));
  }
  const ok = findings.every(({ state, needed }) => state === "ok" || (state === "missing" && !needed));
  if (call.options.json) terminal.out(`${JSON.stringify({ ok, findings }, null, 2)}\n`);
  else terminal.out(`\n${verdict(findings, terminal.outColours)}\n`);
  return ok ? exitCodes.done : exitCodes.failed;
}

function line({ name, state, needed, text, remedy, details }: Finding, colours: Colours): string {
  const mark =
    state === "ok"
      ? colours.green("✓ ok     ")
      : needed
        ? colours.red(`✗ ${state}`)
        : state === "invalid"
          ? colours.red("✗ invalid")
          : colours.yellow(state === "trap" ? "! trap   " : "- missing");
  const fix = [details, remedy]
    .flatMap((more) => more?.split("\n") ?? [])
    .map((part) => `${" ".repeat(29)}${colours.faint(part)}`);
  return `${[`${mark}  ${name.padEnd(18)}${text}`, ...fix].join("\n")}\n`;
}

function verdict(findings: readonly Finding[], { green, red, bold }: Colours): string {
  const blocked = findings.filter(({ state, needed }) => state !== "ok" && needed);
  const wrong = findings.filter(({ state, needed }) => (state === "trap" || state === "invalid") && !needed);
  const engine =
    blocked.length === 0
      ? green("This machine runs Fairway's embedded engine.")
      : `${red(bold("The embedded engine cannot run here:"))} ${namesOf(blocked)}. A Dagger engine may: --engine dagger.`;
  if (wrong.length === 0) return engine;
  return `${engine}\n${red(bold("To be mended in this repository:"))} ${namesOf(wrong)}, as said above.`;
}

function namesOf(findings: readonly Finding[]): string {
  return findings.map(({ name }) => name).join(", ");
}
