import { fileURLToPath } from "node:url";
import { execa } from "execa";
import pc from "picocolors";
import type { ShopAddresses } from "./load/mix.ts";
import type { LoadReport } from "./load/report.ts";

export interface Traffic {
  /** Sends nothing more, waits for the last answers, and ends the process. */
  stop(): Promise<LoadReport>;
  kill(): void;
}

const entry = fileURLToPath(new URL("load/load.ts", import.meta.url));

/** Starts the load generator in a process of its own, so that nothing of the demo slows it. */
export function startTraffic(addresses: ShopAddresses): Traffic {
  const load = execa(process.execPath, [entry, "--api", addresses.api, "--web", addresses.web], {
    stdin: "pipe",
    stderr: "inherit",
    reject: false,
    // A Ctrl-C is for the demo, which then ends the load.
    detached: true,
  });
  return {
    stop: async () => {
      load.stdin.end();
      const { stdout } = await load;
      return JSON.parse(stdout) as LoadReport;
    },
    kill: () => {
      load.kill("SIGKILL");
    },
  };
}

export function trafficText(report: LoadReport): string {
  const number = (value: number) => value.toLocaleString("en");
  const failed = report.failed === 0 ? pc.green("0 failed") : pc.red(`${number(report.failed)} failed`);
  const versions = Object.entries(report.versions).map(([version, count]) => `${version} ${number(count)}`);
  const { p50, p90, p99, max } = report.latencyMs;
  return [
    `  requests  ${pc.bold(number(report.sent))} sent in ${report.seconds} s, ${pc.bold(failed)}`,
    `  versions  ${versions.join(", ")}`,
    `  latency   p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms, max ${max} ms`,
    `  of these  ${number(report.withBody)} POSTs with a body, ${number(report.kinds["api: slow report"]?.sent ?? 0)} two-second reports,` +
      ` ${number(report.connections.opened)} new connections; at most ${report.mostInFlight} in flight`,
    ...report.failures.map(({ reason, count, first }) =>
      pc.red(`  ${reason}: ${count}, first ${first.request} at ${first.at}: ${first.detail}`),
    ),
  ].join("\n");
}
