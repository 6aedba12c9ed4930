import { describe, expect, test } from "vitest";
import { isIndex, mediaTypes, parseConfig, parseManifest, selectPlatform } from "../../src/oci/oci.ts";
import type { ImageIndex } from "../../src/oci/oci.ts";

const digest = `sha256:${"0".repeat(64)}`;
const descriptor = { mediaType: mediaTypes.layerGzip, digest, size: 3 };
const manifest = {
  schemaVersion: 2,
  mediaType: mediaTypes.manifest,
  config: { ...descriptor, mediaType: mediaTypes.config },
  layers: [descriptor],
};
const bytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

describe("parseManifest", () => {
  test("tells an image from an index, with or without a media type", () => {
    expect(isIndex(parseManifest(bytes(manifest), "x"))).toBe(false);
    const bare = { ...manifest, mediaType: undefined };
    expect(isIndex(parseManifest(bytes(bare), "x"))).toBe(false);
    expect(isIndex(parseManifest(bytes({ schemaVersion: 2, manifests: [descriptor] }), "x"))).toBe(true);
    expect(
      isIndex(parseManifest(bytes({ schemaVersion: 2, manifests: [] }), "x", mediaTypes.dockerManifestList)),
    ).toBe(true);
  });

  test.each([
    ["not json", "the manifest of acme/api is not JSON"],
    [[], "the manifest of acme/api is not valid: the document is []; expected an object"],
    [{ ...manifest, schemaVersion: 1 }, "schemaVersion is 1; expected 2"],
    [
      { ...manifest, layers: [descriptor, { ...descriptor, digest: "abc" }] },
      'layers[1].digest is "abc"; expected a digest',
    ],
    [
      { ...manifest, layers: [{ ...descriptor, size: -1 }] },
      "layers[0].size is -1; expected a number of bytes",
    ],
    [{ ...manifest, config: undefined }, "config is missing; expected an object"],
    [{ ...manifest, mediaType: "application/vnd.docker.distribution.manifest.v1+json" }, "which is no image"],
  ])("names what is wrong in %j", (value, message) => {
    expect(() => parseManifest(bytes(value), "acme/api")).toThrow(message);
    expect(() => parseManifest(bytes(value), "acme/api")).toThrow(
      expect.objectContaining({ code: "IMAGE_MANIFEST" }) as Error,
    );
  });
});

describe("parseConfig", () => {
  test("reads what builders write, empty lists as null too", () => {
    const config = {
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [digest] },
      config: { Env: null, User: "node" },
      history: null,
    };
    expect(parseConfig(bytes(config), "x")).toEqual(config);
  });

  test("names what is wrong", () => {
    const config = {
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [] },
      config: { Labels: { a: 1 } },
    };
    expect(() => parseConfig(bytes(config), "acme/api")).toThrow(
      "the config of acme/api is not valid: config.Labels.a is 1; expected a string",
    );
  });
});

test("a platform is chosen, and one that is not there is answered by those that are", () => {
  const index: ImageIndex = {
    schemaVersion: 2,
    manifests: [
      { ...descriptor, platform: { os: "linux", architecture: "amd64" } },
      { ...descriptor, size: 4, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
      { ...descriptor, platform: { os: "unknown", architecture: "unknown" } },
    ],
  };
  expect(selectPlatform(index, { os: "linux", architecture: "arm64" }, "x").size).toBe(4);
  expect(() => selectPlatform(index, { os: "linux", architecture: "s390x" }, "acme/api")).toThrow(
    "acme/api has no image for linux/s390x; it has linux/amd64, linux/arm64",
  );
});
