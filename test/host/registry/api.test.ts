import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startRegistryServer } from "../../../src/host/registry/registry.ts";
import type { RegistryServer } from "../../../src/host/registry/registry.ts";
import { blobOf, mediaTypes, openRepository, pushImage, readImage } from "../../../src/oci/oci.ts";
import type { ImageConfig, Repository } from "../../../src/oci/oci.ts";

let root: string;
let server: RegistryServer;
let repository: Repository;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "registry-test-"));
  server = await startRegistryServer({ root });
  repository = openRepository(`${server.address}/shop/api`, {
    chunkedAboveBytes: 100_000,
    chunkBytes: 40_000,
  });
});

afterEach(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

const config: ImageConfig = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } };
const ask = (path: string, init: RequestInit = {}) => fetch(`http://${server.address}/v2/${path}`, init);
const codeOf = async (response: Response) =>
  ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code;

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("images", () => {
  test("an image that was pushed is read back, by tag and by digest", async () => {
    const layers = [blobOf(randomBytes(1000)), blobOf(randomBytes(250_000))];
    const pushed = await pushImage(repository, { layers, config, tag: "v1" });
    expect(pushed).toMatchObject({
      blobsSent: 3,
      bytesSent: 251_000 + Buffer.byteLength(JSON.stringify(config)),
    });
    const image = await readImage(repository, "v1");
    expect(image).toMatchObject({ digest: pushed.descriptor.digest, config });
    expect(await readImage(repository, pushed.descriptor.digest)).toEqual(image);
    for (const [index, layer] of layers.entries())
      expect(
        (await collect(repository.getBlob(image.manifest.layers[index]!.digest))).equals(
          await collect(
            (async function* () {
              yield* layer.open(0, layer.sizeBytes);
            })(),
          ),
        ),
      ).toBe(true);
    expect(await repository.headManifest("v1")).toEqual(pushed.descriptor);
    expect(await repository.headManifest("v2")).toBeNull();
  });

  test("pushing the same image again sends no blob, also into another repository", async () => {
    const request = { layers: [blobOf(randomBytes(150_000))], config };
    const first = await pushImage(repository, request);
    expect(await pushImage(repository, request)).toEqual({
      descriptor: first.descriptor,
      blobsSent: 0,
      bytesSent: 0,
    });
    const other = openRepository(`${server.address}/shop/web`);
    expect(await pushImage(other, { ...request, mountFrom: "shop/api" })).toMatchObject({ bytesSent: 0 });
    expect(await other.listTags()).toEqual([]);
  });

  test("twenty pushes at once, of shared layers and one tag, all arrive", async () => {
    const shared = blobOf(randomBytes(120_000));
    const pushed = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        pushImage(repository, { layers: [shared, blobOf(`own ${String(index)}`)], config, tag: "latest" }),
      ),
    );
    const digests = pushed.map(({ descriptor }) => descriptor.digest);
    expect(new Set(digests).size).toBe(20);
    await Promise.all(digests.map((digest) => readImage(repository, digest)));
    expect(digests).toContain((await repository.headManifest("latest"))?.digest);
    expect(await readdir(join(root, "drafts"))).toEqual([]);
  });

  test("a moved tag leaves the older digest where it was", async () => {
    const first = await pushImage(repository, { layers: [], config, tag: "main" });
    const second = await pushImage(repository, { layers: [blobOf("x")], config, tag: "main" });
    expect((await repository.headManifest("main"))?.digest).toBe(second.descriptor.digest);
    expect(await repository.headManifest(first.descriptor.digest)).toEqual(first.descriptor);
  });

  test("an index of manifests is kept and its platforms are found", async () => {
    const amd64 = await pushImage(repository, { layers: [], config });
    const arm64 = await pushImage(repository, { layers: [], config: { ...config, architecture: "arm64" } });
    const manifests = [amd64, arm64].map(({ descriptor }, index) => ({
      ...descriptor,
      platform: { os: "linux", architecture: index === 0 ? "amd64" : "arm64" },
    }));
    await repository.putManifest(
      { schemaVersion: 2, mediaType: mediaTypes.index, manifests },
      { tag: "multi" },
    );
    expect((await readImage(repository, "multi", { os: "linux", architecture: "arm64" })).digest).toBe(
      arm64.descriptor.digest,
    );
    const missing = [{ ...manifests[0]!, digest: blobOf("no").digest }];
    await expect(
      repository.putManifest({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: missing }),
    ).rejects.toThrow("MANIFEST_UNKNOWN: the index names a manifest that is not here");
  });

  test("a manifest whose blobs are missing or of another size is refused, and its tag does not move", async () => {
    const { descriptor } = await pushImage(repository, { layers: [], config, tag: "v1" });
    const image = await readImage(repository, "v1");
    const absent = { mediaType: mediaTypes.layerGzip, digest: blobOf("absent").digest, size: 6 };
    await expect(
      repository.putManifest({ ...image.manifest, layers: [absent] }, { tag: "v1" }),
    ).rejects.toThrow("MANIFEST_BLOB_UNKNOWN");
    const longer = { ...image.manifest.config, size: 1 };
    await expect(
      repository.putManifest({ ...image.manifest, config: longer }, { tag: "v1" }),
    ).rejects.toThrow("SIZE_INVALID");
    expect(await repository.headManifest("v1")).toEqual(descriptor);
  });
});

describe("the distribution API", () => {
  test("answers its version, its repositories and tags in pages", async () => {
    const version = await ask("");
    expect(await version.json()).toEqual({});
    expect(version.headers.get("docker-distribution-api-version")).toBe("registry/2.0");
    for (const tag of ["a", "b", "c"]) await pushImage(repository, { layers: [], config, tag });
    await pushImage(openRepository(`${server.address}/other`), { layers: [], config, tag: "x" });
    expect(await (await ask("_catalog")).json()).toEqual({ repositories: ["other", "shop/api"] });
    const page = await ask("shop/api/tags/list?n=2");
    expect(await page.json()).toEqual({ name: "shop/api", tags: ["a", "b"] });
    expect(page.headers.get("link")).toBe('</v2/shop/api/tags/list?n=2&last=b>; rel="next"');
    expect(await (await ask("shop/api/tags/list?n=2&last=b")).json()).toEqual({
      name: "shop/api",
      tags: ["c"],
    });
  });

  test("takes a blob in one POST", async () => {
    const blob = blobOf("in one");
    const response = await ask(`a/blobs/uploads/?digest=${blob.digest}`, { method: "POST", body: "in one" });
    expect(response.status).toBe(201);
    expect(await (await ask(`a/blobs/${blob.digest}`)).text()).toBe("in one");
  });

  test("takes a blob in parts, in order only, and says how far it is", async () => {
    const start = await ask("a/blobs/uploads/", { method: "POST" });
    expect(start.status).toBe(202);
    const path = start.headers.get("location")!.replace("/v2/", "");
    const patch = (range: string, body: string) =>
      ask(path, { method: "PATCH", body, headers: { "content-range": range } });
    expect((await patch("0-2", "abc")).headers.get("range")).toBe("0-2");
    const gap = await patch("5-7", "fgh");
    expect(gap.status).toBe(416);
    expect(gap.headers.get("range")).toBe("0-2");
    const state = await ask(path);
    expect([state.status, state.headers.get("range")]).toEqual([204, "0-2"]);
    expect((await patch("3-4", "de")).status).toBe(202);
    expect(
      (await ask(`${path}?digest=${blobOf("abcdef").digest}`, { method: "PUT", body: "f" })).status,
    ).toBe(201);
    expect((await ask(path)).status).toBe(404);
    expect(await (await ask(`a/blobs/${blobOf("abcdef").digest}`)).text()).toBe("abcdef");
  });

  test("continues an upload after the registry was restarted", async () => {
    const path = (await ask("a/blobs/uploads/", { method: "POST" })).headers
      .get("location")!
      .replace("/v2/", "");
    await ask(path, { method: "PATCH", body: "before " });
    await server.close();
    server = await startRegistryServer({ root, preferredPort: server.port });
    await ask(path, { method: "PATCH", body: "after" });
    expect((await ask(`${path}?digest=${blobOf("before after").digest}`, { method: "PUT" })).status).toBe(
      201,
    );
  });

  test("throws away what has another digest than was said", async () => {
    const wrong = blobOf("wanted").digest;
    const response = await ask(`a/blobs/uploads/?digest=${wrong}`, { method: "POST", body: "got" });
    expect([response.status, await codeOf(response)]).toEqual([400, "DIGEST_INVALID"]);
    expect((await ask(`a/blobs/${wrong}`, { method: "HEAD" })).status).toBe(404);
    expect(await readdir(join(root, "drafts"))).toEqual([]);
    const manifest = await ask(`a/manifests/${wrong}`, { method: "PUT", body: "{}" });
    expect([manifest.status, await codeOf(manifest)]).toEqual([400, "DIGEST_INVALID"]);
  });

  test("mounts a blob of another repository, or starts an upload where there is none", async () => {
    await repository.putBlob(blobOf("shared"));
    const mount = (digest: string) =>
      ask(`b/blobs/uploads/?mount=${digest}&from=shop/api`, { method: "POST" });
    expect((await mount(blobOf("shared").digest)).status).toBe(201);
    expect((await mount(blobOf("unknown").digest)).status).toBe(202);
  });

  test("serves parts of a blob", async () => {
    await repository.putBlob(blobOf("0123456789"));
    const part = (range: string) =>
      ask(`shop/api/blobs/${blobOf("0123456789").digest}`, { headers: { range } });
    const middle = await part("bytes=3-5");
    expect([middle.status, await middle.text(), middle.headers.get("content-range")]).toEqual([
      206,
      "345",
      "bytes 3-5/10",
    ]);
    expect(await (await part("bytes=8-")).text()).toBe("89");
    expect((await part("bytes=20-")).status).toBe(416);
  });

  test.each([
    ["DELETE", `a/manifests/${blobOf("").digest}`, 405, "UNSUPPORTED"],
    ["DELETE", `a/blobs/${blobOf("").digest}`, 405, "UNSUPPORTED"],
    ["GET", "a/blobs/sha256:abc", 400, "DIGEST_INVALID"],
    ["GET", "a/manifests/..", 404, undefined],
    ["GET", "a/manifests/%2e%2e%2fx", 400, "TAG_INVALID"],
    ["GET", "a/manifests/nope", 404, "MANIFEST_UNKNOWN"],
    ["GET", "_a/b/manifests/x", 400, "NAME_INVALID"],
    ["GET", "A/manifests/x", 400, "NAME_INVALID"],
    ["GET", "nobody/tags/list", 404, "NAME_UNKNOWN"],
    ["PUT", "a/manifests/x", 400, "MANIFEST_INVALID"],
    ["PATCH", "a/blobs/uploads/../../../etc", 404, undefined],
    ["PATCH", "a/blobs/uploads/%2e%2e", 404, "UNSUPPORTED"],
    ["PATCH", "a/blobs/uploads/nope", 404, "BLOB_UPLOAD_UNKNOWN"],
    ["GET", "a/other", 404, "UNSUPPORTED"],
  ])("%s %s is refused with %i %s", async (method, path, status, code) => {
    const response = await ask(path, {
      method,
      ...(method === "PUT" || method === "PATCH" ? { body: "not json" } : {}),
    });
    expect(response.status).toBe(status);
    if (code !== undefined) expect(await codeOf(response)).toBe(code);
  });

  test("refuses a manifest of more than 4 MiB", async () => {
    const response = await ask("a/manifests/x", { method: "PUT", body: Buffer.alloc((4 << 20) + 1, 32) });
    expect(response.status).toBe(413);
    await response.text();
    expect((await ask("")).status).toBe(200);
  });

  test("refuses a web page that made its own name point here", async () => {
    const status = await new Promise((resolve, reject) => {
      const { port } = server;
      httpRequest(
        { host: "127.0.0.1", port, path: "/v2/", headers: { host: `evil.example:${String(port)}` } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on("error", reject)
        .end();
    });
    expect(status).toBe(403);
  });

  test("listens on loopback only", async (context) => {
    const other = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === "IPv4" && !address.internal);
    if (other === undefined) return context.skip("this machine has loopback only");
    await expect(
      fetch(`http://${other.address}:${String(server.port)}/v2/`, { signal: AbortSignal.timeout(2000) }),
    ).rejects.toThrow();
  });
});
