import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { startRegistry, type PackageRegistry } from "../../scripts/registry/registry.ts";

describe("the loopback package registry", () => {
  let registry: PackageRegistry;
  beforeAll(async () => {
    registry = await startRegistry();
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

  it("listens on loopback only, and ends when it is told to", async () => {
    expect(new URL(registry.url).hostname).toBe("127.0.0.1");
    await registry.close();
    await expect(fetch(registry.url)).rejects.toThrow();
  });
});
