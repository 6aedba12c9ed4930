import type { Simulation } from "./simulate.ts";
import type { TimelineEntry } from "./timeline.ts";

/** How parts of the text are painted. */
export type SimulationColours = Readonly<
  Record<"bold" | "faint" | "red" | "green" | "yellow" | "cyan", (text: string) => string>
>;

const plain = (text: string) => text;
const noColours: SimulationColours = {
  bold: plain,
  faint: plain,
  red: plain,
  green: plain,
  yellow: plain,
  cyan: plain,
};

/** The timeline by the clocks of the scenario's zone, then what was expected with a tick or a cross. */
export function simulationText(simulation: Simulation, colours: SimulationColours = noColours): string {
  const { bold, green, red, faint } = colours;
  const expectations = simulation.expectations.flatMap(({ expected, holds, seen }) => [
    `${holds ? green("✓") : red("✗")} ${expected}`,
    ...(seen === null ? [] : [`  ${red("instead")}: ${seen.replaceAll("\n", "\n           ")}`]),
  ]);
  return [
    `${bold(simulation.name)} ${faint(`(times of ${simulation.zone})`)}`,
    "",
    ...timelineLines(simulation, colours),
    "",
    ...expectations,
  ].join("\n");
}

function timelineLines(
  { timeline, zone }: Simulation,
  { bold, cyan, faint, ...colours }: SimulationColours,
): string[] {
  const { day, clock } = formats(zone);
  const width = Math.max(0, ...timeline.map(({ who }) => who.length));
  const signs = {
    "✓": colours.green,
    "✗": colours.red,
    "?": colours.yellow,
    "!": colours.yellow,
    "▸": cyan,
    "·": faint,
  };
  const lines: string[] = [];
  let today = "";
  for (const { at, who, environment, sign, what } of timeline) {
    const date = day.format(new Date(at));
    if (date !== today) lines.push(bold(date));
    today = date;
    const where = environment === null ? "" : `${environment}: `;
    const text = sign === "·" ? faint(oneLine(what)) : oneLine(what);
    lines.push(
      `  ${clock.format(new Date(at))}  ${who.padEnd(width)}  ${signs[sign](sign)} ${faint(where)}${text}`,
    );
  }
  return lines;
}

function formats(zone: string) {
  return {
    day: new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: zone }),
    clock: new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: zone, hourCycle: "h23" }),
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, "; ");
}

/** For machines; `timeline` and `expectations` as people see them. */
export function simulationJson({
  name,
  zone,
  start,
  end,
  timeline,
  commands,
  expectations,
  holds,
}: Simulation) {
  return {
    name,
    zone,
    start,
    end,
    holds,
    commands,
    expectations,
    timeline: timeline satisfies readonly TimelineEntry[],
  };
}
