import { request } from "node:http";

/** What a replica answered to a probe. */
export type ProbeAnswer =
  | { readonly kind: "ok" }
  | { readonly kind: "status"; readonly status: number; readonly body: string }
  /** Nothing listens on the port. */
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly reason: string };

const maxBodyBytes = 2_000;

/** GET on a connection of its own; 2xx is ok. */
export function probe(port: number, path: string, timeoutMs: number): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const call = request({
      host: "127.0.0.1",
      port,
      path,
      agent: false,
      headers: { "user-agent": "fairway-probe" },
    });
    const timer = setTimeout(() => {
      call.destroy(new Error(`no answer within ${String(timeoutMs)} ms`));
    }, timeoutMs);
    const end = (answer: ProbeAnswer) => {
      clearTimeout(timer);
      resolve(answer);
      call.destroy();
    };
    call.on("error", (error: NodeJS.ErrnoException) => {
      end(error.code === "ECONNREFUSED" ? { kind: "refused" } : { kind: "failed", reason: error.message });
    });
    call.on("response", (response) => {
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return void end({ kind: "ok" });
      let body = "";
      response.on("data", (chunk: Buffer) => {
        if (body.length < maxBodyBytes) body += chunk.toString();
      });
      response.on("close", () => {
        end({ kind: "status", status, body: body.slice(0, maxBodyBytes) });
      });
    });
    call.end();
  });
}
