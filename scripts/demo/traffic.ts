import { fileURLToPath } from "node:url";
import { execa } from "execa";
import pc from "picocolors";
import type { LoadReport } from "./load/report.ts";

export interface Traffic {
  /** Sends nothing more, waits for the last answers, and ends the process. */
  stop(): Promise<LoadReport>;
  /** Where the number of requests is limited: when all were answered. */
  readonly ended: Promise<LoadReport>;
  kill(): void;
}

const entry = fileURLToPath(new URL("load/load.ts", import.meta.url));

/**
 * Starts the load generator in a process of its own, so that nothing of the demo slows it.
 * @param options of load.ts, without the dashes: the addresses, and what is not as usual
 */
export function startTraffic(options: Readonly<Record<string, string>>): Traffic {
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const load = execa(process.execPath, [entry, ...words], {
    stdin: "pipe",
    stderr: "inherit",
    reject: false,
    // A Ctrl-C is for the demo, which then ends the load.
    detached: true,
  });
  const ended = load.then(({ stdout }) => JSON.parse(stdout) as LoadReport);
  // Whoever killed it does not ask.
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      load.stdin.end();
      return ended;
    },
    kill: () => {
      load.kill("SIGKILL");
    },
  };
}

export function trafficText(report: LoadReport): string {
  const number = (value: number) => value.toLocaleString("en");
  const failed = report.failed === 0 ? pc.green("0 failed") : pc.red(`${number(report.failed)} failed`);
  const versions = Object.entries(report.versions).map(
    ([version, { answered }]) => `${version} ${number(answered)}`,
  );
  const { p50, p90, p99, max } = report.latencyMs;
  return [
    `  requests  ${pc.bold(number(report.sent))} sent in ${report.seconds} s, ${pc.bold(failed)}`,
    `  versions  ${versions.join(", ")}`,
    `  latency   p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms, max ${max} ms`,
    `  of these  ${number(report.withBody)} POSTs with a body, ${number(slowOf(report))} two-second reports,` +
      ` ${number(report.connections.opened)} new connections; at most ${report.mostInFlight} in flight`,
    ...report.failures.map(({ reason, version, count, first }) =>
      pc.red(
        `  ${reason} of ${version ?? "no release"}: ${count}, first ${first.request} at ${first.at}: ${first.detail}`,
      ),
    ),
  ].join("\n");
}

function slowOf({ kinds }: LoadReport): number {
  return Object.entries(kinds).reduce((sum, [name, { sent }]) => sum + (name.includes("slow") ? sent : 0), 0);
}
