import type { Client, Container, Directory } from "@dagger.io/dagger";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startRegistryServer } from "../../../src/host/registry/registry.ts";
import type { RegistryServer } from "../../../src/host/registry/registry.ts";
import type { Registry } from "../../../src/model/registry.ts";
import { openRepository, pushImage, standInLabel } from "../../../src/oci/oci.ts";
import { buildImage, publishImage, refuseStandIn } from "../../../src/steps/images/images.ts";

/** A source of these files; what is asked of it is told by what it answers. */
function fakeSource(files: readonly string[], at = ""): Directory {
  const directory = {
    exists: (path: string) => Promise.resolve(files.includes(path)),
    digest: () => Promise.resolve(`digest of ${at === "" ? "all" : at} ${files.join(",")}`),
    directory: (path: string) =>
      fakeSource(
        files.filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1)),
        path,
      ),
    file: (path: string) => ({ path }),
    withFile: (path: string, file: { path: string }) => fakeSource([...files, `${path}<-${file.path}`], at),
    dockerBuild: (options: { dockerfile: string }) => ({ built: options.dockerfile, of: at, files }),
  };
  return directory as unknown as Directory;
}

const files = ["apps/api/Dockerfile", "apps/api/main.ts", "docker/web.Dockerfile"];

describe("buildImage", () => {
  test("builds with the repository as context", async () => {
    const build = await buildImage(fakeSource(files), {
      service: "api",
      dockerfile: "apps/api/Dockerfile",
      context: ".",
    });
    expect(build.container).toMatchObject({ built: "apps/api/Dockerfile", of: "" });
    expect(build.tag).toMatch(/^build-[0-9a-f]{12}$/);
  });

  test("a context of its own, with the Dockerfile in it", async () => {
    const build = await buildImage(fakeSource(files), {
      service: "api",
      dockerfile: "apps/api/Dockerfile",
      context: "./apps/api/",
    });
    expect(build.container).toMatchObject({ built: "Dockerfile", of: "apps/api" });
  });

  test("a Dockerfile outside of the context is laid into it", async () => {
    const build = await buildImage(fakeSource(files), {
      service: "web",
      dockerfile: "docker/web.Dockerfile",
      context: "apps/api",
    });
    expect(build.container).toMatchObject({
      built: ".fairway.web.Dockerfile",
      of: "apps/api",
      files: ["Dockerfile", "main.ts", ".fairway.web.Dockerfile<-docker/web.Dockerfile"],
    });
  });

  test("the tag follows what the image is built from, and nothing else", async () => {
    const source = { service: "api", dockerfile: "apps/api/Dockerfile", context: "." };
    const { tag } = await buildImage(fakeSource(files), source);
    expect((await buildImage(fakeSource(files), source)).tag).toBe(tag);
    expect((await buildImage(fakeSource([...files, "new"]), source)).tag).not.toBe(tag);
  });

  test("a Dockerfile that is not there is named, with its place in the config", async () => {
    const building = buildImage(fakeSource(files), {
      service: "api",
      dockerfile: "Dockerfile",
      context: ".",
    });
    await expect(building).rejects.toMatchObject({
      code: "DOCKERFILE_MISSING",
      place: "fairway.yaml services.api.dockerfile",
    });
  });
});

describe("publishImage", () => {
  let root: string;
  let server: RegistryServer;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "publish-test-"));
    server = await startRegistryServer({ root });
  });
  afterEach(async () => {
    await server.close();
    await rm(root, { recursive: true });
  });

  /** A container that pushes an empty image with these labels, as an engine would. */
  function fakeContainer(labels: Record<string, string>, calls: unknown[][]): Container {
    const container = {
      withRegistryAuth: (...login: unknown[]) => {
        calls.push(["withRegistryAuth", ...login]);
        return container;
      },
      publish: async (address: string) => {
        calls.push(["publish", address]);
        if (!address.startsWith("127.")) return `${address}@sha256:${"b".repeat(64)}`;
        const tag = address.slice(address.lastIndexOf(":") + 1);
        const config = {
          architecture: "amd64",
          os: "linux",
          config: { Labels: labels },
          rootfs: { type: "layers" as const, diff_ids: [] },
        };
        const { descriptor } = await pushImage(openRepository(address), { layers: [], config, tag });
        return `${address}@${descriptor.digest}`;
      },
    };
    return container as unknown as Container;
  }
  const client = { setSecret: (name: string, value: string) => ({ name, value }) } as unknown as Client;
  const registryAt = (
    address: string,
    credentials: Awaited<ReturnType<Registry["credentials"]>> = null,
  ): Registry => ({
    kind: "generic",
    address,
    credentialsAt: "",
    repository: (service) => `${address}/shop/${service}`,
    credentials: () => Promise.resolve(credentials),
  });

  test("answers the image by its digest, and the base that was stood in for", async () => {
    const calls: unknown[][] = [];
    const build = {
      service: "api",
      content: "0123456789ab",
      tag: "build-0123456789ab",
      dockerfile: "Dockerfile",
      container: fakeContainer({ [standInLabel]: "node:24-slim" }, calls),
    };
    const image = await publishImage(client, build, registryAt(server.address));
    expect(calls).toEqual([["publish", `${server.address}/shop/api:build-0123456789ab`]]);
    expect(image).toEqual({
      service: "api",
      reference: expect.stringMatching(`^${server.address}/shop/api@sha256:[0-9a-f]{64}$`) as string,
      standIn: "node:24-slim",
    });
    const real = await publishImage(
      client,
      { ...build, container: fakeContainer({}, []) },
      registryAt(server.address),
    );
    expect(real.standIn).toBeNull();
  });

  test("logs in with a secret, never with plain text", async () => {
    const calls: unknown[][] = [];
    const build = {
      service: "api",
      content: "0",
      tag: "build-0",
      dockerfile: "Dockerfile",
      container: fakeContainer({}, calls),
    };
    const login = { address: "ghcr.io", username: "ada", password: "token" };
    const image = await publishImage(client, build, registryAt("ghcr.io", login));
    expect(calls[0]).toEqual([
      "withRegistryAuth",
      "ghcr.io",
      "ada",
      { name: "registry/ghcr.io", value: "token" },
    ]);
    expect(image).toEqual({
      service: "api",
      reference: `ghcr.io/shop/api@sha256:${"b".repeat(64)}`,
      standIn: null,
    });
  });
});

describe("refuseStandIn", () => {
  const image = {
    service: "api",
    reference: `127.0.0.1:1/shop/api@sha256:${"a".repeat(64)}`,
    standIn: "node:24-slim",
  };
  const staging = { name: "staging", target: "gitops", standIns: "refused" as const };

  test("refuses a stood-in base for another target than local, and names both ways out", () => {
    expect(() => {
      refuseStandIn(image, staging);
    }).toThrow(
      expect.objectContaining({
        code: "STAND_IN_REFUSED",
        exitCode: 1,
        place: "fairway.yaml environments.staging",
        message: expect.stringContaining("without its base node:24-slim") as string,
        remedy: expect.stringMatching(/real engine.*pull the base[^]*--engine dagger/) as string,
      }) as Error,
    );
  });

  test("lets it pass for local, where it is allowed, and without a stand-in", () => {
    refuseStandIn(image, { name: "local", target: "local", standIns: "refused" });
    refuseStandIn(image, { ...staging, standIns: "allowed" });
    refuseStandIn({ ...image, standIn: null }, staging);
  });

  test("refuses it in a registry that is not of this machine, whatever the environment allows", () => {
    const elsewhere = { ...image, reference: `ghcr.io/shop/api@sha256:${"a".repeat(64)}` };
    expect(() => {
      refuseStandIn(elsewhere, { ...staging, target: "local", standIns: "allowed" });
    }).toThrow("no place for that");
  });
});
