import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { shopMix } from "./mix.ts";
import { LoadRecord, type LoadReport } from "./report.ts";
import { keptAlive, send, type RequestKind } from "./request.ts";

export interface LoadOptions {
  readonly kinds: readonly RequestKind[];
  readonly requestsPerSecond: number;
  readonly timeoutMs: number;
}

export interface Load {
  /** Sends nothing more, waits for every answer, and says what was seen. */
  stop(): Promise<LoadReport>;
}

/** Traffic stops by itself after this time, whoever forgot it. */
const longestSeconds = 900;

/**
 * Sends requests at a steady rate, however slowly they are answered: a server that stalls finds them queued, as
 * it would find its customers. Only to this machine.
 */
export function startLoad({ kinds, requestsPerSecond, timeoutMs }: LoadOptions): Load {
  for (const kind of kinds) assertLoopback(kind.url);
  const agent = keptAlive(64);
  const record = new LoadRecord();
  const answers = new Set<Promise<void>>();
  const began = performance.now();
  let started = 0;

  const sendDue = () => {
    const seconds = (performance.now() - began) / 1_000;
    if (seconds > longestSeconds) clearInterval(timer);
    while (started < seconds * requestsPerSecond) {
      const kind = kinds[started % kinds.length];
      started += 1;
      if (kind === undefined) return;
      record.started();
      const answer = send(kind, agent, timeoutMs).then((outcome) => {
        record.ended(outcome);
        answers.delete(answer);
      });
      answers.add(answer);
    }
  };
  const timer = setInterval(sendDue, 5);

  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(answers);
      agent.destroy();
      return record.report();
    },
  };
}

function assertLoopback(url: string): void {
  const { hostname } = new URL(url);
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
  if (!isLoopback) throw new Error(`the load is for this machine only, not for ${hostname}`);
}

/**
 * `node scripts/demo/load/load.ts --api <url> --web <url>`: loads a shop until its standard input ends (or
 * SIGINT, SIGTERM, or --seconds), then prints the report as JSON. Exit code 1 when a request failed.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      api: { type: "string" },
      web: { type: "string" },
      rate: { type: "string", default: "200" },
      seconds: { type: "string" },
      timeout: { type: "string", default: "15" },
    },
  });
  if (values.api === undefined || values.web === undefined) {
    console.error("usage: node load.ts --api <url> --web <url> [--rate 200] [--seconds n] [--timeout 15]");
    process.exitCode = 2;
    return;
  }
  const load = startLoad({
    kinds: shopMix({ api: values.api, web: values.web }),
    requestsPerSecond: Number(values.rate),
    timeoutMs: Number(values.timeout) * 1_000,
  });
  await end(values.seconds === undefined ? undefined : Number(values.seconds));
  const report = await load.stop();
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.failed === 0 ? 0 : 1;
}

async function end(seconds: number | undefined): Promise<void> {
  const over = [once(process, "SIGINT"), once(process, "SIGTERM")] as Promise<unknown>[];
  if (seconds === undefined) over.push(once(process.stdin.resume(), "end"));
  else over.push(sleep(seconds * 1_000));
  await Promise.race(over);
  process.stdin.pause();
}

if (import.meta.main) await main();
