import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import type { ServiceRelease } from "../../../../model/plan.ts";
import type { HealthSource } from "./health.ts";

const timeoutMs = 10_000;

/**
 * The services' own readiness paths, where no controller can be asked. They say that something serves, not which release: the
 * smoke checks have to prove that.
 */
export function addressesHealth(urls: Readonly<Record<string, string>>): HealthSource {
  return async ({ services, signal }) => {
    if (services === null)
      return { health: "unknown", detail: "no controller is asked, only the services' addresses" };
    const unready: string[] = [];
    for (const service of services) {
      const wrong = await whatIsWrong(service, urls[service.name], signal);
      if (wrong !== null) unready.push(`${service.name} ${wrong}`);
    }
    if (unready.length > 0) return { health: "progressing", detail: unready.join("; ") };
    const names = services.map(({ name }) => name).join(", ");
    return {
      health: "healthy",
      detail: `${names} answer on their readiness paths; which release answers, nobody says`,
    };
  };
}

async function whatIsWrong(
  { probes }: ServiceRelease,
  url: string | undefined,
  signal: AbortSignal,
): Promise<string | null> {
  if (url === undefined) return "has no address in gitops.urls";
  const status = await statusOf(new URL(probes.ready, url), signal);
  if (typeof status === "string") return `does not answer: ${status}`;
  return status >= 200 && status < 300 ? null : `answers ${status} to GET ${probes.ready}`;
}

function statusOf(url: URL, signal: AbortSignal): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const get = url.protocol === "https:" ? getHttps : getHttp;
    const call = get(url, { agent: false, timeout: timeoutMs, signal, headers: { "user-agent": "fairway" } });
    call.on("timeout", () => call.destroy(new Error(`no answer for ${timeoutMs / 1000} seconds`)));
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", (error) => {
      if (signal.aborted) reject(signal.reason as Error);
      else resolve(error.message);
    });
  });
}
