import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, zstdCompressSync } from "node:zlib";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { layerBlob, packLayer } from "../../../src/host/layers/archive.ts";
import { openLayerStore } from "../../../src/host/layers/layers.ts";
import type { LayerStore } from "../../../src/host/layers/layers.ts";
import { startRegistryServer } from "../../../src/host/registry/registry.ts";
import type { RegistryServer } from "../../../src/host/registry/registry.ts";
import type { Registry } from "../../../src/model/registry.ts";
import { blobOf, mediaTypes, openRepository, pushImage } from "../../../src/oci/oci.ts";
import type { ImageConfig, RuntimeConfig } from "../../../src/oci/oci.ts";
import { imagePolicy } from "../../../src/steps/images/images.ts";
import type { LayerFindings } from "../../../src/steps/images/images.ts";

let root: string;
let store: LayerStore;
let server: RegistryServer;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "policy-test-"));
  store = await openLayerStore(join(root, "store"));
  server = await startRegistryServer({ root: join(root, "registry") });
});

afterEach(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

const secrets = { SESSION_SECRET: 'correct "horse" battery', NPM_TOKEN: "npm_0123456789abcdef" };
const dockerfile = {
  path: "apps/api/Dockerfile",
  text: [
    "ARG NODE=24.1-slim",
    "FROM node:${NODE} AS build",
    "RUN make",
    "FROM build",
    "COPY . .",
    "USER node",
    'HEALTHCHECK CMD ["true"]',
  ].join("\n"),
};
const good: RuntimeConfig = { User: "node", Healthcheck: { Test: ["CMD", "true"] }, Env: ["PATH=/usr/bin"] };

interface Given {
  readonly config?: RuntimeConfig;
  readonly history?: ImageConfig["history"];
  /** Layers: path to content. */
  readonly layers?: readonly Record<string, string>[];
  readonly dockerfile?: string;
  readonly searched?: LayerFindings;
}

async function policyOf({
  config = good,
  history = [],
  layers = [],
  dockerfile: text = dockerfile.text,
  searched,
}: Given) {
  const packed = await Promise.all(layers.map((files, index) => pack(files, `layer-${String(index)}`)));
  const repository = openRepository(`${server.address}/shop/api`);
  const { descriptor } = await pushImage(repository, {
    layers: packed.map(layerBlob),
    config: {
      architecture: "amd64",
      os: "linux",
      config,
      history: history ?? [],
      rootfs: { type: "layers", diff_ids: packed.map(({ diffId }) => diffId) },
    },
  });
  return evidenceOf(descriptor.digest, text, searched);
}

function evidenceOf(digest: string, text = dockerfile.text, searched?: LayerFindings) {
  const registry = {
    address: server.address,
    credentials: () => Promise.resolve(null),
    credentialsAt: "",
  } as unknown as Registry;
  const reference = `${server.address}/shop/api@${digest}`;
  const request = {
    service: "api",
    reference,
    registry,
    dockerfile: { path: dockerfile.path, text },
    secrets,
    repeat: "npx fairway images",
  };
  return imagePolicy(searched === undefined ? request : { ...request, searched });
}

async function pack(files: Record<string, string>, key: string) {
  const layer = await store.ensure(key, async (draft) => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(draft.path, path)), { recursive: true });
      await writeFile(join(draft.path, path), content);
    }
  });
  return packLayer(layer);
}

/** The details of evidence that fails; no secret value may stand in any of it. */
async function failureOf(given: Given): Promise<string> {
  const evidence = await policyOf(given);
  expect(evidence).toMatchObject({ verdict: "fail", name: "image-policy:api", repeat: "npx fairway images" });
  for (const value of Object.values(secrets))
    expect(JSON.stringify(evidence)).not.toContain(JSON.stringify(value).slice(1, -1));
  return evidence.verdict === "fail" ? evidence.details : "";
}

test("an image that keeps all rules passes, and the summary says what was seen", async () => {
  const evidence = await policyOf({
    layers: [
      { "app/main.js": "console.log(process.env.SESSION_SECRET)", "app/.env.example": "SESSION_SECRET=" },
    ],
  });
  expect(evidence).toMatchObject({
    verdict: "pass",
    name: "image-policy:api",
    summary:
      "runs as node, has a HEALTHCHECK, nothing that looks like a secret and none of 2 known values in 1 layer, bases have versions",
  });
});

describe("user and HEALTHCHECK", () => {
  test.each([
    [undefined, "runs as root: no USER is set"],
    ["", "runs as root: no USER is set"],
    ["root", "runs as root: USER root"],
    ["0", "runs as root: USER 0"],
    ["0:1000", "runs as root: USER 0:1000".replace(":1000", "")],
  ])("the user %j is root", async (User, what) => {
    const details = await failureOf({
      config: { ...good, ...(User === undefined ? { User: "" } : { User }) },
    });
    expect(details).toContain(
      `apps/api/Dockerfile:6: ${what}\n  fix: end the last stage with a user of its own`,
    );
  });

  test("a group of root is no root, and a number is a user", async () => {
    expect((await policyOf({ config: { ...good, User: "1000:0" } })).verdict).toBe("pass");
  });

  test("the last stage is named where the instruction is missing", async () => {
    const config = { User: "node" };
    expect(
      await failureOf({ config, dockerfile: "FROM node:24\nUSER node\nFROM node:24-slim\nUSER node" }),
    ).toContain("apps/api/Dockerfile:3: has no HEALTHCHECK\n  fix: add one");
  });

  test("HEALTHCHECK NONE is none", async () => {
    expect(await failureOf({ config: { ...good, Healthcheck: { Test: ["NONE"] } } })).toContain(
      "apps/api/Dockerfile:7: its HEALTHCHECK is switched off",
    );
  });
});

describe("bases", () => {
  test.each([
    ["FROM node", "apps/api/Dockerfile:1: the base node is another image tomorrow"],
    ["FROM node:latest AS x", "apps/api/Dockerfile:1: the base node:latest is another image tomorrow"],
    [
      "ARG BASE=acme.example:5000/base\nFROM --platform=linux/amd64 $BASE",
      "apps/api/Dockerfile:2: the base acme.example:5000/base is",
    ],
    ["FROM ${BASE:-node}", "the base node is another image tomorrow"],
    ["FROM $BASE", "the base $BASE has no value without a build argument"],
  ])("%j is mutable", async (text, message) => {
    expect(await failureOf({ dockerfile: `${text}\nUSER node\nHEALTHCHECK CMD true` })).toContain(message);
  });

  test.each([
    "FROM scratch",
    `FROM node@sha256:${"a".repeat(64)}`,
    `FROM node:latest@sha256:${"a".repeat(64)}`,
    "FROM node:24 AS Base\nFROM base",
  ])("%j is not", async (text) => {
    expect((await policyOf({ dockerfile: text })).verdict).toBe("pass");
  });
});

describe("secrets in the config", () => {
  test("a known value in a variable, a label, a command and the history, in any spelling", async () => {
    const details = await failureOf({
      config: {
        ...good,
        Env: [`OPTIONS=${JSON.stringify({ key: secrets.SESSION_SECRET })}`],
        Labels: { note: Buffer.from(`user:${secrets.NPM_TOKEN}`).toString("base64") },
        Cmd: ["serve", `--secret=${encodeURIComponent(secrets.SESSION_SECRET)}`],
      },
      history: [
        { created_by: "COPY . ." },
        { created_by: `RUN |1 T=${secrets.NPM_TOKEN} /bin/sh -c npm ci` },
      ],
    });
    expect(details).toContain(
      "image config, variable OPTIONS: holds the value of SESSION_SECRET\n  fix: take it out of the Dockerfile",
    );
    expect(details).toContain("image config, label note: holds the value of NPM_TOKEN");
    expect(details).toContain("image config, ENTRYPOINT and CMD: holds the value of SESSION_SECRET");
    expect(details).toContain(
      "image config, history step 2: holds the value of NPM_TOKEN\n  fix: give it to the one RUN",
    );
  });

  test("variables and build arguments whose names say what they hold", async () => {
    const details = await failureOf({
      config: {
        ...good,
        Env: [
          "GITHUB_TOKEN=x1",
          "DB_PASSWORD=",
          "SECRET_KEY=/run/secrets/key",
          "API_KEY=abc",
          "TOKENIZER=fast",
        ],
      },
      history: [{ created_by: "RUN |2 MODE=a AUTH_TOKEN=b /bin/sh -c make # buildkit" }],
    });
    expect(details).toContain("image config, variable GITHUB_TOKEN: by its name it holds a secret");
    expect(details).toContain("image config, variable API_KEY: by its name");
    expect(details).toContain("history step 1: by its name the build argument AUTH_TOKEN holds a secret");
    expect(details).not.toMatch(/DB_PASSWORD|SECRET_KEY|TOKENIZER|MODE/);
  });
});

describe("secrets in layers", () => {
  test("a known value in any file of any layer, also one that a later layer deletes", async () => {
    const filler = "x".repeat(100_000);
    const details = await failureOf({
      layers: [
        {
          "app/config.json": JSON.stringify({ secret: secrets.SESSION_SECRET }),
          "app/plain.txt": filler + secrets.NPM_TOKEN + filler,
        },
        {
          "app/encoded": filler + Buffer.from(`a:${secrets.NPM_TOKEN}`).toString("base64"),
          "app/fine": filler,
        },
      ],
    });
    expect(details).toMatch(
      /layer sha256:[0-9a-f]{12}, \/app\/config\.json: holds the value of SESSION_SECRET \(JSON-escaped\)\n {2}fix: keep it out/,
    );
    expect(details).toMatch(/\/app\/plain\.txt: holds the value of NPM_TOKEN\n/);
    expect(details).toMatch(/\/app\/encoded: holds the value of NPM_TOKEN \(base64\)/);
    expect(details).not.toContain("/app/fine");
  });

  test("a known value as the name of a file, which is not printed", async () => {
    const details = await failureOf({ layers: [{ [`app/${secrets.NPM_TOKEN}`]: "" }] });
    expect(details).toMatch(/layer sha256:\w{12}, the name of a file: holds the value of NPM_TOKEN/);
  });

  test("files that are secrets by their name or content", async () => {
    const key = "-----BEGIN PRIVATE KEY-----\nMIIE\n";
    const details = await failureOf({
      layers: [
        {
          "app/.env": "A=b",
          "app/.env.production": "A=b",
          "root/.ssh/id_ed25519": "key",
          "app/.npmrc": "//r.example/:_authToken=npm_xyz",
          "app/tls.pem": key,
          "root/.netrc": "machine x login y password z",
        },
      ],
    });
    for (const [path, what] of [
      ["app/.env", "is a file of environment variables"],
      ["app/.env.production", "is a file of environment variables"],
      ["root/.ssh/id_ed25519", "is a private SSH key"],
      ["app/.npmrc", "holds the login of a package registry"],
      ["app/tls.pem", "is a private key"],
      ["root/.netrc", "holds passwords for hosts"],
    ])
      expect(details).toContain(`/${path!}: ${what!}`);
  });

  test("examples, public certificates, placeholders and what packages bring are none", async () => {
    const evidence = await policyOf({
      layers: [
        {
          "app/.env.example": "A=",
          "app/node_modules/x/.env": "A=b",
          "app/.npmrc": "//r.example/:_authToken=${NPM_TOKEN}",
          "etc/ssl/cert.pem": "-----BEGIN CERTIFICATE-----",
          "root/.ssh/id_ed25519.pub": "ssh-ed25519",
          "app/environment.ts": "export const env = {}",
        },
      ],
    });
    expect(evidence.verdict).toBe("pass");
  });

  test("zstd and plain layers are read too, and what cannot be read is insufficient, never a pass", async () => {
    const packed = await pack({ "app/.env": "A=b" }, "one");
    const tar = gunzipSync(await readFile(packed.path));
    const config: ImageConfig = {
      architecture: "amd64",
      os: "linux",
      config: good,
      rootfs: { type: "layers", diff_ids: [packed.diffId] },
    };
    const push = async (bytes: Buffer, mediaType: string) =>
      (
        await pushImage(openRepository(`${server.address}/shop/api`), {
          layers: [{ ...blobOf(bytes), mediaType }],
          config,
        })
      ).descriptor.digest;
    expect((await evidenceOf(await push(tar, mediaTypes.layer))).verdict).toBe("fail");
    expect((await evidenceOf(await push(zstdCompressSync(tar), mediaTypes.layerZstd))).verdict).toBe("fail");
    expect(await evidenceOf(await push(tar, "application/x-unknown"))).toMatchObject({
      verdict: "insufficient",
      missing: expect.stringContaining(
        "is of the type application/x-unknown, which cannot be searched",
      ) as string,
    });
    expect(await evidenceOf(await push(tar, mediaTypes.layerGzip))).toMatchObject({
      verdict: "insufficient",
    });
    expect(await evidenceOf(blobOf("never pushed").digest)).toMatchObject({
      verdict: "insufficient",
      missing: expect.stringContaining("MANIFEST_UNKNOWN") as string,
    });
  });

  test("a layer that two services share is read once", async () => {
    const searched: LayerFindings = new Map();
    await policyOf({ layers: [{ "app/.env": "A=b" }], searched });
    expect(searched.size).toBe(1);
    const [digest] = searched.keys();
    searched.set(digest!, Promise.resolve([]));
    expect((await policyOf({ layers: [{ "app/.env": "A=b" }], searched })).verdict).toBe("pass");
  });
});
