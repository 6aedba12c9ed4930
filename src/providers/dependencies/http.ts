import type { DependencyAnswer, DependencyQuestion } from "../../model/dependency.ts";
import type { DependencyCheck } from "../../model/plan.ts";
import { reasonOf } from "./words.ts";

const maxBodyBytes = 256 * 1024;

/** Whether an address answers as it should. Redirects are answers like any other: they are not followed. */
export async function askHttp(
  { url, status, contains }: Extract<DependencyCheck, { kind: "http" }>,
  { timeoutMs, signal }: Pick<DependencyQuestion, "timeoutMs" | "signal">,
): Promise<DependencyAnswer> {
  try {
    const answer = await fetch(url, {
      redirect: "manual",
      headers: { "user-agent": "fairway", "cache-control": "no-cache" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const body = await beginningOf(answer);
    if (answer.status !== status)
      return { verdict: "fail", says: `answered ${String(answer.status)} instead of ${String(status)}` };
    if (contains !== null && !body.includes(contains))
      return {
        verdict: "fail",
        says: `answered ${String(status)}, without ${JSON.stringify(contains)} in the body`,
      };
    return { verdict: "pass", says: `answered ${String(status)}` };
  } catch (error) {
    return { verdict: "fail", says: `gave no answer: ${reasonOf(error)}` };
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop ends the connection.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBodyBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBodyBytes).toString();
}
