import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageLayerCompression, ImageMediaTypes, type Client } from "@dagger.io/dagger";
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

  it("has the annotations that were not taken away again", async () => {
    const reference = await engine.with((dag) =>
      dag
        .container()
        .withRootfs(dag.directory().withNewFile("a", ""))
        .withAnnotation("kept", "yes")
        .withAnnotation("gone", "yes")
        .withoutAnnotation("gone")
        .publish(`${registry.address}/annotated:v1`),
    );
    const { manifest } = await readImage(openRepository(reference));
    expect(manifest.annotations).toEqual({ kept: "yes" });
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

describe("an image in another form", () => {
  const plain = (dag: Client, platform: string) =>
    dag.container({ platform: platform as never }).withRootfs(dag.directory().withNewFile("p", platform));

  it("with layers of zstd is pulled and read again", async () => {
    const options = {
      forcedCompression: ImageLayerCompression.Zstd,
      mediaTypes: ImageMediaTypes.OcimediaTypes,
    };
    const reference = await engine.with((dag) =>
      plain(dag, "linux/amd64").publish(`${registry.address}/zstd:v1`, options),
    );
    const { manifest } = await readImage(openRepository(reference));
    expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
      "application/vnd.oci.image.layer.v1.tar+zstd",
    ]);
    await using other = await testEngine();
    expect(await other.with((dag) => dag.container().from(reference).file("/p").contents())).toBe(
      "linux/amd64",
    );
  });

  it("of a compression that is not written here is refused", async () => {
    const asked = engine.with((dag) =>
      plain(dag, "linux/amd64").publish(`${registry.address}/stargz:v1`, {
        forcedCompression: ImageLayerCompression.EstarGz,
      }),
    );
    expect((await refusalOf(asked)).message).toContain("forcedCompression: EStarGZ");
  });

  it("of one platform twice is refused", async () => {
    const asked = engine.with((dag) =>
      dag.container().publish(`${registry.address}/twice:v1`, {
        platformVariants: [plain(dag, "linux/arm64"), plain(dag, "linux/arm64").withLabel("a", "b")],
      }),
    );
    expect((await refusalOf(asked)).message).toContain('duplicate platform "linux/arm64"');
  });

  it("as a tarball of two platforms is imported for each, and keeps what stood in for its base", async () => {
    await engine.with(async (dag) => {
      const archive = dag
        .container()
        .asTarball({ platformVariants: [plain(dag, "linux/amd64"), plain(dag, "linux/arm64")] });
      for (const platform of ["linux/arm64", "linux/amd64"]) {
        const imported = dag.container({ platform: platform as never }).import_(archive);
        expect(await imported.file("/p").contents()).toBe(platform);
      }
      const built = dag.container().import_(app(dag).asTarball());
      expect(await built.withExec([]).stdout()).toBe("A");
      const leaving = refusalOf(built.publish("registry.example/app:v1"));
      expect((await leaving).message).toContain("stood in for");
    });
  });

  it("with a damaged blob is not imported", async () => {
    const path = join(root, "damaged.tar");
    await engine.with((dag) => plain(dag, "linux/amd64").withLabel("mark", "whole").export(path));
    const bytes = await readFile(path);
    await writeFile(path, Buffer.from(bytes.toString("latin1").replace("whole", "wrong"), "latin1"));
    const asked = engine.with((dag) => dag.container().import_(dag.host().file(path)).sync());
    expect((await refusalOf(asked)).message).toMatch(
      /^image archive import: the blob sha256:\w+ has another digest$/,
    );
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

describe("an engine that pulls every image", () => {
  /** A shell and what it needs, without a stand-in below. */
  const userland = (dag: Client) =>
    dag
      .container()
      .withRootfs(
        dag
          .container()
          .from(image)
          .withExec([
            ...["sh", "-c"],
            "mkdir /own; for p in /bin/sh /bin/ls; do echo $p; ldd $p | grep -o '/[^ ]*'; done | sort -u | xargs cp -L --parents -t /own",
          ])
          .directory("/own"),
      )
      .withEnvVariable("PATH", "/bin");

  it("runs a step in its image, whose layers it unpacks once, and has none of this machine's programs there", async () => {
    const address = await engine.with((dag) => userland(dag).publish(`${registry.address}/own:v1`));
    await using pulling = await testEngine({ images: "pull" });
    const list = (dag: Client, path: string) => dag.container().from(address).withExec(["ls", path]).stdout();
    expect(await pulling.with((dag) => list(dag, "/bin"))).toBe("ls\nsh\n");
    expect(pulling.notes()).toEqual([`${address}: pulled; steps run in it, without this machine's programs`]);
    const unpacked = await readdir(join(pulling.cache, "layers"));
    await using again = await testEngine({ images: "pull", cache: pulling.cache });
    expect(await again.with((dag) => list(dag, "/bin"))).toBe("ls\nsh\n");
    expect(await readdir(join(pulling.cache, "layers"))).toEqual(unpacked);
  });

  it("refuses an image that cannot be had, and one that was built on a stand-in", async () => {
    const built = await engine.with((dag) => app(dag).publish(`${registry.address}/hollow:v1`));
    await using pulling = await testEngine({ images: "pull" });
    await pulling.with(async (dag) => {
      const from = (address: string) => refusalOf(dag.container().from(address).withExec(["true"]).sync());
      expect((await from(built)).message).toContain(`userland stood in for ${image}`);
      expect((await from(`${registry.address}/debian:none`)).message).toContain("not found");
      expect((await from("127.0.0.1:1/debian:12")).message).toContain("cannot");
    });
  });

  it("and one that pulls none asks no registry, not even of this machine", async () => {
    const address = await engine.with((dag) => app(dag).publish(`${registry.address}/there:v1`));
    await using host = await testEngine({ images: "host" });
    const error = await refusalOf(host.with((dag) => dag.container().from(address).sync()));
    expect(error.message).toContain(`nothing on this machine can stand in for the image ${address}`);
  });
});
