import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { checkoutMix, shopMix } from "./mix.ts";
import { LoadRecord, type LoadReport } from "./report.ts";
import { keptAlive, send, type RequestKind } from "./request.ts";

export interface LoadOptions {
  readonly kinds: readonly RequestKind[];
  readonly requestsPerSecond: number;
  readonly timeoutMs: number;
  /** No more of them are sent. @default any number */
  readonly requests?: number;
}

export interface Load {
  /** Resolves when all of a limited number of requests were answered. */
  readonly allAnswered: Promise<unknown>;
  /** Sends nothing more, waits for every answer, and says what was seen. */
  stop(): Promise<LoadReport>;
}

/** Traffic stops by itself after this time, whoever forgot it. */
const longestSeconds = 900;

/**
 * Sends requests at a steady rate, however slowly they are answered: a server that stalls finds them queued, as
 * it would find its customers. Only to this machine.
 */
export function startLoad({ kinds, requestsPerSecond, timeoutMs, requests = Infinity }: LoadOptions): Load {
  for (const kind of kinds) assertLoopback(kind.url);
  const agent = keptAlive(64);
  const record = new LoadRecord();
  const answers = new Set<Promise<void>>();
  const began = performance.now();
  let started = 0;
  const { promise: allAnswered, resolve: tellAllAnswered } = Promise.withResolvers<undefined>();

  const sendDue = () => {
    const seconds = (performance.now() - began) / 1_000;
    if (seconds > longestSeconds) clearInterval(timer);
    while (started < Math.min(requests, seconds * requestsPerSecond)) {
      const kind = kinds[started % kinds.length];
      started += 1;
      if (kind === undefined) return;
      record.started();
      const answer = send(kind, agent, timeoutMs).then((outcome) => {
        record.ended(outcome);
        answers.delete(answer);
        if (started >= requests && answers.size === 0) tellAllAnswered(undefined);
      });
      answers.add(answer);
    }
  };
  const timer = setInterval(sendDue, 5);

  return {
    allAnswered,
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
 * `node scripts/demo/load/load.ts --api <url> --web <url>`, or `--checkout <url>`: loads a shop, or its checkout, until its
 * standard input ends (or SIGINT, SIGTERM, or --seconds, or --requests are answered), then prints the report as JSON. Exit
 * code 1 when a request failed.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      api: { type: "string" },
      web: { type: "string" },
      checkout: { type: "string" },
      rate: { type: "string", default: "200" },
      seconds: { type: "string" },
      requests: { type: "string" },
      timeout: { type: "string", default: "15" },
    },
  });
  const kinds = mixOf(values);
  if (kinds === undefined) {
    console.error(
      "usage: node load.ts (--api <url> --web <url> | --checkout <url>) [--rate 200] [--seconds n] [--requests n] [--timeout 15]",
    );
    process.exitCode = 2;
    return;
  }
  const load = startLoad({
    kinds,
    ...(values.requests === undefined ? {} : { requests: Number(values.requests) }),
    requestsPerSecond: Number(values.rate),
    timeoutMs: Number(values.timeout) * 1_000,
  });
  const ended = end(values.seconds === undefined ? undefined : Number(values.seconds));
  await Promise.race(values.requests === undefined ? [ended] : [ended, load.allAnswered]);
  process.stdin.pause();
  const report = await load.stop();
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.failed === 0 ? 0 : 1;
}

interface Addresses {
  readonly api?: string;
  readonly web?: string;
  readonly checkout?: string;
}

function mixOf({ api, web, checkout }: Addresses): readonly RequestKind[] | undefined {
  if (checkout !== undefined) return checkoutMix(checkout);
  return api === undefined || web === undefined ? undefined : shopMix({ api, web });
}

async function end(seconds: number | undefined): Promise<void> {
  const over = [once(process, "SIGINT"), once(process, "SIGTERM")] as Promise<unknown>[];
  if (seconds === undefined) over.push(once(process.stdin.resume(), "end"));
  else over.push(sleep(seconds * 1_000));
  await Promise.race(over);
}

if (import.meta.main) await main();
