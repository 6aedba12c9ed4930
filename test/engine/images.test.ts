import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRegistryServer, type RegistryServer } from "../../src/host/registry/registry.ts";
import { openRepository, readImage } from "../../src/oci/oci.ts";
import { image, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
let registry: RegistryServer;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-registry-"));
  [engine, registry] = await Promise.all([testEngine(), startRegistryServer({ root })]);
});
afterAll(async () => {
  await Promise.all([engine[Symbol.asyncDispose](), registry.close()]);
  await rm(root, { recursive: true, force: true });
});

const app = (dag: Client) =>
  dag
    .directory()
    .withNewFile(
      "Dockerfile",
      `FROM ${image}\nWORKDIR /app\nCOPY a.txt ./\nRUN echo made > b.txt && rm /etc/debian_version\nUSER 1000\nEXPOSE 8080\nHEALTHCHECK CMD true\nCMD ["cat", "a.txt"]\n`,
    )
    .withNewFile("a.txt", "A")
    .dockerBuild();

describe("publish", () => {
  it("answers the address by digest, which is the same from an empty cache", async () => {
    const address = `${registry.address}/app:v1`;
    const first = await engine.with((dag) => app(dag).publish(address));
    expect(first).toMatch(new RegExp(`^${address}@sha256:[0-9a-f]{64}$`));
    await using other = await testEngine();
    expect(await other.with((dag) => app(dag).publish(address))).toBe(first);
  });

  it("sends the layers above the stand-in, and says in label and annotation what they stand on", async () => {
    const reference = await engine.with((dag) => app(dag).publish(`${registry.address}/marked:v1`));
    const { manifest, config } = await readImage(openRepository(reference));
    expect(manifest.annotations).toEqual({ "dev.fairway.stand-in.base": image });
    expect(config.config).toMatchObject({
      ...{ User: "1000", WorkingDir: "/app", Cmd: ["cat", "a.txt"], ExposedPorts: { "8080/tcp": {} } },
      ...{ Labels: { "dev.fairway.stand-in.base": image }, Healthcheck: { Test: ["CMD-SHELL", "true"] } },
    });
    expect(config.created).toBe("1970-01-01T00:00:00Z");
    expect(config.history?.filter((entry) => entry.empty_layer !== true)).toHaveLength(
      manifest.layers.length,
    );
    expect(manifest.layers).toHaveLength(2);
  });

  it("of a stand-in's image to anywhere but this machine is refused, with the two ways out", async () => {
    const error = await refusalOf(engine.with((dag) => app(dag).publish("registry.example/app:v1")));
    expect(error.message).toContain(`this machine's userland stood in for ${image}`);
    expect(error.message).toContain("--engine dagger");
    expect(error.message).toContain("a base that was pulled");
  });

  it("keeps a secret out of the image", async () => {
    const reference = await engine.with((dag) =>
      dag
        .container()
        .from(image)
        .withSecretVariable("TOKEN", dag.setSecret("token", "canary-of-an-image"))
        .withNewFile("/x", "")
        .publish(`${registry.address}/secret:v1`),
    );
    const { config } = await readImage(openRepository(reference));
    expect(JSON.stringify(config)).not.toContain("TOKEN");
  });
});

describe("from", () => {
  it("a registry of this machine pulls the image, on the stand-in that it was built on", async () => {
    const reference = await engine.with((dag) => app(dag).publish(`${registry.address}/pulled:v1`));
    await using other = await testEngine();
    await other.with(async (dag) => {
      const pulled = dag.container().from(reference);
      expect([await pulled.user(), await pulled.workdir(), await pulled.defaultArgs()]).toEqual([
        "1000",
        "/app",
        ["cat", "a.txt"],
      ]);
      expect(await pulled.withExec([]).stdout()).toBe("A");
      expect(await pulled.exists("/etc/debian_version")).toBe(false);
      expect(await pulled.labels()).toEqual([]);
      expect(await pulled.withNewFile("/c", "").publish(`${registry.address}/again:v1`)).toContain(
        "@sha256:",
      );
    });
  });

  it("an image that the registry has not is told as the engine tells it", async () => {
    const error = await refusalOf(
      engine.with((dag) => dag.container().from(`${registry.address}/nothing:v1`).sync()),
    );
    expect(error.message).toMatch(
      /^failed to resolve image "127\.0\.0\.1:\d+\/nothing:v1" \(platform: "linux\/\w+"\): .*: not found$/,
    );
  });
});
