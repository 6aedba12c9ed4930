import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { layerBlob, packLayer } from "../../../src/host/layers/archive.ts";
import { openLayerStore } from "../../../src/host/layers/layers.ts";
import { startRegistryServer } from "../../../src/host/registry/registry.ts";
import type { RegistryServer } from "../../../src/host/registry/registry.ts";
import { openRepository, pushImage, readImage } from "../../../src/oci/oci.ts";
import type { PushedImage, Repository } from "../../../src/oci/oci.ts";

let root: string;
let server: RegistryServer;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "registry-peer-test-"));
  server = await startRegistryServer({ root: join(root, "registry") });
});

afterEach(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

/** An image with two layers: files, and the whiteout of one. */
async function pushExample(repository: Repository): Promise<PushedImage> {
  const store = await openLayerStore(join(root, "store"));
  const packed = [
    await packLayer(await store.ensure("one", (draft) => writeFile(join(draft.path, "hello"), "hello\n"))),
    await packLayer(await store.ensure("two", (draft) => draft.remove("hello"))),
  ];
  return pushImage(repository, {
    layers: packed.map(layerBlob),
    config: {
      architecture: "amd64",
      os: "linux",
      config: { User: "node", Env: ["PATH=/usr/bin"], Labels: { "org.example.name": "example" } },
      rootfs: { type: "layers", diff_ids: packed.map(({ diffId }) => diffId) },
    },
    tag: "v1",
  });
}

test("skopeo reads our image, and what it copies in and out keeps its digest", async (context) => {
  const found = await execa("skopeo", ["--version"], { reject: false });
  if (found.failed) return context.skip("skopeo is not installed: apt-get install skopeo");
  const repository = openRepository(`${server.address}/shop/api`);
  const { descriptor } = await pushExample(repository);
  const skopeo = async (...command: string[]) => (await execa("skopeo", command)).stdout;
  const source = `docker://${server.address}/shop/api`;

  const inspected = JSON.parse(await skopeo("inspect", "--tls-verify=false", `${source}:v1`)) as {
    Digest: string;
    Labels: object;
    RepoTags: string[];
  };
  expect(inspected).toMatchObject({
    Digest: descriptor.digest,
    Labels: { "org.example.name": "example" },
    RepoTags: ["v1"],
  });

  await skopeo("copy", "--src-tls-verify=false", `${source}:v1`, `oci:${join(root, "layout")}:v1`);
  const index = JSON.parse(await readFile(join(root, "layout/index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  expect(index.manifests[0]?.digest).toBe(descriptor.digest);

  await skopeo(
    "copy",
    "--dest-tls-verify=false",
    `oci:${join(root, "layout")}:v1`,
    `docker://${server.address}/copied/api:v2`,
  );
  const copied = openRepository(`${server.address}/copied/api`);
  expect(await readImage(copied, "v2")).toEqual(await readImage(repository, "v1"));

  await skopeo(
    "copy",
    "--src-tls-verify=false",
    "--dest-tls-verify=false",
    "--format=v2s2",
    `${source}:v1`,
    `docker://${server.address}/docker/api:v1`,
  );
  expect((await openRepository(`${server.address}/docker/api`).getManifest("v1")).mediaType).toContain(
    "docker",
  );
});

test("our client pushes to and reads from the reference registry", async (context) => {
  const docker = await execa("docker", ["info"], { reject: false, timeout: 10_000 });
  if (docker.failed) return context.skip("no Docker answers on this machine");
  const { GenericContainer } = await import("testcontainers");
  await using container = await new GenericContainer("registry:3").withExposedPorts(5000).start();
  const repository = openRepository(`127.0.0.1:${String(container.getMappedPort(5000))}/shop/api`, {
    chunkedAboveBytes: 10,
    chunkBytes: 50,
  });
  const { descriptor } = await pushExample(repository);
  expect((await readImage(repository, "v1")).digest).toBe(descriptor.digest);
  expect(await repository.listTags()).toEqual(["v1"]);
  expect(await repository.headManifest("v2")).toBeNull();
});
