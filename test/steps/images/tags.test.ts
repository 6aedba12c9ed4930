import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startRegistryServer } from "../../../src/host/registry/registry.ts";
import type { Registry } from "../../../src/model/registry.ts";
import { blobOf, openRepository, pushImage } from "../../../src/oci/oci.ts";
import { contentPaths, contentTag, imageTags, isTagged, tagImage } from "../../../src/steps/images/images.ts";

const facts = { shortCommit: "4f2a9c1", branch: null, tags: [], dirty: false };

describe("imageTags", () => {
  test.each([
    ["a branch", { branch: "feature/pay now" }, ["4f2a9c1", "feature-pay-now"]],
    ["main", { branch: "main" }, ["4f2a9c1", "main", "latest"]],
    ["a detached commit", {}, ["4f2a9c1"]],
    [
      "a version's tag",
      { tags: ["v1.2.3", "api-1", "2.0.0-rc.1+build.7"] },
      ["4f2a9c1", "1.2.3", "2.0.0-rc.1_build.7"],
    ],
    ["main at a version", { branch: "main", tags: ["v1.0.0"] }, ["4f2a9c1", "main", "1.0.0", "latest"]],
    ["master, which is not main", { branch: "master" }, ["4f2a9c1", "master"]],
    ["branches named like what they are not", { branch: "latest" }, ["4f2a9c1", "branch-latest"]],
    ["a branch named like a version", { branch: "v1.2.3" }, ["4f2a9c1", "branch-v1.2.3"]],
    ["a branch named like a commit", { branch: "deadbeef" }, ["4f2a9c1", "branch-deadbeef"]],
    [
      "a branch named like a build",
      { branch: `build-${"a".repeat(64)}.${"b".repeat(12)}` },
      ["4f2a9c1", `branch-build-${"a".repeat(64)}.${"b".repeat(12)}`],
    ],
    ["a branch of odd letters", { branch: "-ünï/.x" }, ["4f2a9c1", "n-.x"]],
    ["a tree that differs from its commit", { branch: "main", tags: ["v1.0.0"], dirty: true }, []],
  ])("for %s", (_, more, tags) => {
    expect(imageTags({ ...facts, ...more })).toEqual(tags);
  });
});

test("tagImage moves a tag to a digest, once, without sending a layer", async () => {
  const root = await mkdtemp(join(tmpdir(), "tag-test-"));
  const server = await startRegistryServer({ root });
  const registry = registryAt(server.address);
  const repository = openRepository(`${server.address}/shop/api`);
  const config = { architecture: "amd64", os: "linux", rootfs: { type: "layers" as const, diff_ids: [] } };
  const first = await pushImage(repository, { layers: [blobOf("1")], config });
  const second = await pushImage(repository, { layers: [blobOf("2")], config });
  const name = (digest: string) => `${server.address}/shop/api@${digest}`;
  expect(await tagImage(registry, name(first.descriptor.digest), "main")).toEqual({ moved: true });
  expect(await tagImage(registry, name(first.descriptor.digest), "main")).toEqual({ moved: false });
  expect(await tagImage(registry, name(second.descriptor.digest), "main")).toEqual({ moved: true });
  expect(await repository.headManifest("main")).toEqual(second.descriptor);
  await expect(tagImage(registry, `${server.address}/shop/api:main`, "x")).rejects.toThrow("has no digest");
  await expect(tagImage(registry, name(blobOf("no").digest), "x")).rejects.toMatchObject({
    code: "REGISTRY_NOT_FOUND",
  });
  await server.close();
  await rm(root, { recursive: true });
});

test("isTagged knows a tag of exactly this image, and no other", async () => {
  const root = await mkdtemp(join(tmpdir(), "tag-test-"));
  const server = await startRegistryServer({ root });
  const registry = registryAt(server.address);
  const repository = openRepository(`${server.address}/shop/api`);
  const config = { architecture: "amd64", os: "linux", rootfs: { type: "layers" as const, diff_ids: [] } };
  const { descriptor } = await pushImage(repository, { layers: [blobOf("1")], config, tag: "one" });
  const name = (digest: string) => `${server.address}/shop/api@${digest}`;
  expect(await isTagged(registry, name(descriptor.digest), "one")).toBe(true);
  expect(await isTagged(registry, name(descriptor.digest), "two")).toBe(false);
  expect(await isTagged(registry, name(blobOf("other").digest), "one")).toBe(false);
  await server.close();
  await rm(root, { recursive: true });
});

test("a registry whose tags cannot be moved refuses the same tag of the same image, and that is no error", async () => {
  // Two publish at once: neither sees the tag, and the second is refused.
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...sizedBlob("config") },
    layers: [],
  });
  const { digest } = blobOf(manifest);
  let tagged: string | null = null;
  let by = digest;
  const server = createServer((request, response) => {
    const isTag = request.url?.endsWith("/manifests/build-1") === true;
    if (request.method === "PUT") {
      tagged = by;
      response
        .writeHead(400)
        .end('{"errors":[{"code":"TAG_INVALID","message":"the repository is immutable"}]}');
    } else if (isTag && tagged === null) {
      response.writeHead(404).end();
    } else {
      const headers = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
      response.writeHead(200, { ...headers, "docker-content-digest": isTag ? (tagged ?? "") : digest });
      response.end(request.method === "HEAD" ? undefined : manifest);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const registry = registryAt(`127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  const reference = `${registry.address}/shop/api@${digest}`;
  expect(await tagImage(registry, reference, "build-1")).toEqual({ moved: false });
  expect(await tagImage(registry, reference, "build-1")).toEqual({ moved: false });

  by = blobOf("another image").digest;
  tagged = null;
  await expect(tagImage(registry, reference, "build-1")).rejects.toThrow("immutable");
  server.closeAllConnections();
  server.close();
});

describe("the tag that says what an image was built from", () => {
  const build = { dockerfile: "Dockerfile", content: "c".repeat(64) };
  const image = (hex: string) => `ghcr.io/shop/api@sha256:${hex.repeat(64)}`;

  test("is another one for other content, and for each image of the same content", () => {
    const tag = contentTag(build, image("a"), ["1", "2"]);
    expect(tag).toMatch(/^build-[0-9a-f]{64}\.a{12}$/);
    expect(contentTag({ ...build, content: "d".repeat(64) }, image("a"), ["1", "2"])).toBe(tag);
    expect(contentTag(build, image("b"), ["1", "2"])).not.toBe(tag);
    expect(contentTag(build, image("a"), ["1", "3"])).not.toBe(tag);
    expect(contentTag({ ...build, dockerfile: "other.Dockerfile" }, image("a"), ["1", "2"])).not.toBe(tag);
  });

  test("is of the files themselves where they are in no commit", () => {
    expect(contentTag(build, image("a"))).toBe(`build-${"c".repeat(64)}.${"a".repeat(12)}`);
  });

  test("is of the context and the Dockerfile, wherever that is", () => {
    expect(contentPaths({ context: ".", dockerfile: "./Dockerfile" })).toEqual(["", "Dockerfile"]);
    const apart = { context: "./apps/api/", dockerfile: "docker/api.Dockerfile" };
    expect(contentPaths(apart)).toEqual(["apps/api", "docker/api.Dockerfile"]);
  });
});

function sizedBlob(text: string) {
  return { digest: blobOf(text).digest, size: text.length };
}

function registryAt(address: string): Registry {
  return {
    kind: "loopback",
    address,
    repository: (service) => `${address}/shop/${service}`,
    credentials: () => Promise.resolve(null),
    credentialsAt: "",
  };
}
