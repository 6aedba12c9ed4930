import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** What a registry knows of a package: https://docs.npmjs.com/cli/commands/npm-audit#bulk-advisory-endpoint */
export interface BulkAdvisory {
  readonly id: number;
  readonly url: string;
  readonly title: string;
  readonly severity: "info" | "low" | "moderate" | "high" | "critical";
  readonly vulnerable_versions: string;
  readonly cwe: readonly string[];
  readonly cvss: { readonly score: number; readonly vectorString: string | null };
}

export interface FakeNpmRegistry extends AsyncDisposable {
  /** As .npmrc has it. */
  readonly url: string;
  /** The packages that audits asked about, with their versions. */
  readonly asked: Record<string, string[]>[];
}

/**
 * Answers audits on loopback with what is known of the packages that are asked about. Everything else is at this machine's
 * own registry.
 * @param advisories null for a mirror that answers no audit
 */
export async function fakeNpmRegistry(
  advisories: Readonly<Record<string, readonly BulkAdvisory[]>> | null,
): Promise<FakeNpmRegistry> {
  const packages = spawnSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).stdout.trim();
  const asked: Record<string, string[]>[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (!path.startsWith("/-/npm/v1/security/")) {
      response.writeHead(302, { location: new URL(path.slice(1), packages).href }).end();
      return;
    }
    if (advisories === null || path !== "/-/npm/v1/security/advisories/bulk") {
      response.writeHead(advisories === null ? 404 : 410, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: "This endpoint is being retired." }));
      return;
    }
    void bodyOf(request).then((text) => {
      const names = JSON.parse(text) as Record<string, string[]>;
      asked.push(names);
      const known = Object.entries(advisories).filter(([name]) => name in names);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(Object.fromEntries(known)));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** npm compresses what it asks. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString();
}

export const lodashAdvisory: BulkAdvisory = {
  id: 1106913,
  url: "https://github.com/advisories/GHSA-35jh-r3h4-6jhm",
  title: "Command Injection in lodash",
  severity: "high",
  vulnerable_versions: "<4.17.21",
  cwe: ["CWE-77", "CWE-94"],
  cvss: { score: 7.2, vectorString: "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H" },
};
