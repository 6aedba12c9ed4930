import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startRegistryServer } from "../../../src/host/registry/registry.ts";
import type { Registry } from "../../../src/model/registry.ts";
import { blobOf, openRepository, pushImage } from "../../../src/oci/oci.ts";
import { imageTags, tagImage } from "../../../src/steps/images/images.ts";

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
    ["a branch of odd letters", { branch: "-ünï/.x" }, ["4f2a9c1", "n-.x"]],
    ["a tree that differs from its commit", { branch: "main", tags: ["v1.0.0"], dirty: true }, []],
  ])("for %s", (_, more, tags) => {
    expect(imageTags({ ...facts, ...more })).toEqual(tags);
  });
});

test("tagImage moves a tag to a digest, once, without sending a layer", async () => {
  const root = await mkdtemp(join(tmpdir(), "tag-test-"));
  const server = await startRegistryServer({ root });
  const registry = {
    kind: "loopback",
    address: server.address,
    credentials: () => Promise.resolve(null),
    credentialsAt: "",
  } as unknown as Registry;
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
