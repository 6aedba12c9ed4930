import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { startRegistryServer } from "../../../src/host/registry/registry.ts";
import { blobOf, openRepository, pushImage, readImage } from "../../../src/oci/oci.ts";

test("a full disk is told, keeps what was there, and is over when there is room again", async (context) => {
  const root = await mkdtemp(join(tmpdir(), "registry-full-"));
  const mounted = await execa("mount", ["-t", "tmpfs", "-o", "size=1m", "none", root], { reject: false });
  if (mounted.failed) {
    await rm(root, { recursive: true });
    return context.skip("only root can make a small disk");
  }
  const server = await startRegistryServer({ root });
  try {
    const repository = openRepository(`${server.address}/shop/api`);
    const config = { architecture: "amd64", os: "linux", rootfs: { type: "layers" as const, diff_ids: [] } };
    const small = await pushImage(repository, { layers: [blobOf(randomBytes(100_000))], config, tag: "v1" });
    const large = { layers: [blobOf(randomBytes(2_000_000))], config, tag: "v1" };
    await expect(pushImage(repository, large)).rejects.toMatchObject({
      code: "REGISTRY_FULL",
      message: expect.stringContaining("the disk of the registry is full") as string,
      remedy: "make room on the disk of the registry, then repeat the command",
    });
    expect((await readImage(repository, "v1")).digest).toBe(small.descriptor.digest);
    expect(await readdir(join(root, "drafts"))).toEqual([]);
    await execa("mount", ["-o", "remount,size=8m", root]);
    expect((await pushImage(repository, large)).blobsSent).toBe(1);
  } finally {
    await server.close();
    await execa("umount", [root]);
    await rm(root, { recursive: true });
  }
});
