import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import type { Clock } from "../../model/clock.ts";
import { failure } from "../../model/errors.ts";
import type { SmokeCheck } from "../../model/plan.ts";
import type { OperationResult } from "../../model/target.ts";
import type { Scrub } from "../../model/scrub.ts";

/** A service that was just switched may need a moment (a cache that fills): tries until then. */
const windowMs = 5_000;
const pauseMs = 250;
const timeoutMs = 10_000;
const maxBodyBytes = 256 * 1024;

interface Smoking {
  readonly urls: Readonly<Record<string, string>>;
  /** Sent with each request. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** With `once` the first answer counts. @default as many as there is time for */
  readonly tries?: "once" | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of the answers that are shown. */
  readonly scrub: Scrub;
  readonly report: (line: string) => void;
  /** Where to look when a service answers something else: `fairway logs api`. */
  readonly remedy: (service: string) => string;
}

/** Asks the live services. @throws FairwayError SMOKE_FAILED with what came back instead */
export async function smokeTest(checks: readonly SmokeCheck[], smoking: Smoking): Promise<OperationResult> {
  for (const check of checks) await untilAsExpected(check, smoking);
  return { observed: `${String(checks.length)} smoke ${checks.length === 1 ? "check" : "checks"} passed` };
}

async function untilAsExpected(
  check: SmokeCheck,
  { urls, headers = {}, tries, clock, signal, scrub, report, remedy }: Smoking,
): Promise<void> {
  const base = urls[check.service];
  if (base === undefined)
    throw failure(`smoke check of ${check.service}: it has no address`, {
      code: "SMOKE_FAILED",
      remedy: remedy(check.service),
    });
  const url = new URL(check.path, base).href;
  const deadline = clock.now().getTime() + windowMs;
  for (;;) {
    const answer = await fetchOnce(url, headers, signal);
    const wrong = whatIsWrong(check, answer);
    if (wrong === undefined) {
      report(
        `${check.service} ${check.path} answered ${String(check.status)}${check.contains === null ? "" : ` with "${check.contains}"`}`,
      );
      return;
    }
    if (tries === "once" || clock.now().getTime() >= deadline)
      throw smokeFailed(check, {
        url,
        wrong,
        body: "body" in answer ? scrub(answer.body).trim() : "",
        remedy: remedy(check.service),
      });
    await clock.sleep(pauseMs, signal);
  }
}

type Answer = { readonly status: number; readonly body: string } | { readonly error: string };

function whatIsWrong(check: SmokeCheck, answer: Answer): string | undefined {
  if ("error" in answer) return `got no answer: ${answer.error}`;
  if (answer.status !== check.status)
    return `answered ${String(answer.status)} instead of ${String(check.status)}`;
  if (check.contains === null || answer.body.includes(check.contains)) return undefined;
  return `answered ${String(answer.status)}, without "${check.contains}" in the body`;
}

interface Wrong {
  readonly url: string;
  readonly wrong: string;
  readonly body: string;
  readonly remedy: string;
}

function smokeFailed(check: SmokeCheck, { url, wrong, body, remedy }: Wrong): Error {
  return failure(`smoke check of ${check.service}: GET ${check.path} ${wrong}`, {
    code: "SMOKE_FAILED",
    place: url,
    output: body === "" ? "(the body is empty)" : excerpt(body),
    remedy,
  });
}

function excerpt(body: string): string {
  return body.length <= 600 ? body : `${body.slice(0, 600)}\n... (${String(body.length)} characters)`;
}

/** Redirects are answers like any other: they are not followed. */
function fetchOnce(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return void reject(signal.reason as Error);
    const get = new URL(url).protocol === "https:" ? getHttps : getHttp;
    const call = get(url, {
      agent: false,
      timeout: timeoutMs,
      signal,
      headers: { "user-agent": "fairway-smoke", ...headers },
    });
    call.on("timeout", () => call.destroy(new Error(`no answer within ${String(timeoutMs / 1000)} s`)));
    call.on("error", (error) => {
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ error: error.message });
    });
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxBodyBytes) chunks.push(chunk);
      });
      response.on("close", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
  });
}
