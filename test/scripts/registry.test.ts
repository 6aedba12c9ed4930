import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { startRegistry, type PackageRegistry } from "../../scripts/registry/registry.ts";

describe("the loopback package registry", () => {
  let registry: PackageRegistry;
  /** What somebody was told who asked for the package until the registry had started. */
  const answers = new Set<number | "none">();
  beforeAll(async () => {
    const port = await freePort();
    const starting = startRegistry({ port });
    for (let isStarted = false; !isStarted;) {
      const answer = await fetch(`http://127.0.0.1:${String(port)}/@fairway/sdk`).catch(() => undefined);
      answers.add(answer?.status ?? "none");
      isStarted = await Promise.race([starting.then(() => true), setTimeout(20, false)]);
    }
    registry = await starting;
  });

  it("has this checkout as @fairway/sdk, as it would be published", async () => {
    const manifest = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
    const response = await fetch(new URL("@fairway/sdk", registry.url));
    expect(response.status).toBe(200);
    const document = (await response.json()) as {
      "dist-tags": { latest: string };
      versions: Record<string, { bin: object; dist: { tarball: string; integrity: string } }>;
    };
    expect(document["dist-tags"].latest).toBe(manifest.version);
    const published = document.versions[manifest.version];
    expect(published?.bin).toEqual({ fairway: "bin/fairway.js" });
    expect(published?.dist.integrity).toMatch(/^sha512-/);
    const tarball = await fetch(published?.dist.tarball ?? "");
    expect((await tarball.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
  });

  it("has nothing else of the scope, and asks nobody else for it", async () => {
    expect((await fetch(new URL("@fairway/nothing", registry.url))).status).toBe(404);
  });

  it("answers at its port only once it has the package", () => {
    expect(answers).toContain("none");
    expect(answers.has(404)).toBe(false);
  });

  it("listens on loopback only, and ends when it is told to", async () => {
    expect(new URL(registry.url).hostname).toBe("127.0.0.1");
    await registry.close();
    await expect(fetch(registry.url)).rejects.toThrow();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
