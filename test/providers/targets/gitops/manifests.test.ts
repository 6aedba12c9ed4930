import fc from "fast-check";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import type { FairwayError } from "../../../../src/model/errors.ts";
import {
  readManifests,
  type ManifestsKind,
} from "../../../../src/providers/targets/gitops/manifests/manifests.ts";

const digest = `sha256:${"a".repeat(64)}`;
const api = `127.0.0.1:5000/shop/api@${digest}`;
const file = "apps/shop/manifest.yaml";

const read = (kind: ManifestsKind, text: string) =>
  readManifests(kind, (name) => Promise.resolve(name === file ? text : null));

async function images(kind: ManifestsKind, text: string) {
  const { entries } = await read(kind, text);
  return Object.fromEntries(Object.entries(entries).map(([service, { image }]) => [service, image]));
}

async function set(kind: ManifestsKind, text: string, wanted: Record<string, string>): Promise<string> {
  const changed = (await read(kind, text)).set(wanted, "4f2a9c1");
  return changed[file] ?? text;
}

async function refusal(kind: ManifestsKind, text: string): Promise<FairwayError> {
  return read(kind, text).then(
    () => Promise.reject(new Error("it was expected to be refused")),
    (error: unknown) => error as FairwayError,
  );
}

describe("images of a kustomization", () => {
  const kind: ManifestsKind = { kind: "kustomize", file, images: { api: "shop/api", web: "shop/web" } };

  const before = `# The shop, as it runs in staging.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization

resources: [ ../base ]   # shared with production

images:
# set by Fairway
- name: shop/api
  newTag: "1.10"   # the last one by hand
- name: shop/web     # the pages
  newName: 'old.example/web'
  digest: sha256:${"b".repeat(64)}

replicas:
    - name: api
      count: 2
`;

  it("are set by digest, and nothing else in the file changes", async () => {
    expect(await images(kind, before)).toEqual({
      api: "shop/api:1.10",
      web: `old.example/web@sha256:${"b".repeat(64)}`,
    });
    const web = `127.0.0.1:5000/shop/web@${digest}`;
    const after = await set(kind, before, { api, web });
    expect(after).toBe(
      before
        .replace('  newTag: "1.10"', `  newName: 127.0.0.1:5000/shop/api\n  digest: "${digest}"`)
        .replace("'old.example/web'", "'127.0.0.1:5000/shop/web'")
        .replace("b".repeat(64), "a".repeat(64)),
    );
    expect(await images(kind, after)).toEqual({ api, web });
  });

  it("that are there already leave the file as it is", async () => {
    const after = await set(kind, before, { api });
    expect(await set(kind, after, { api })).toBe(after);
  });

  it("go back to a tag, where a tag was", async () => {
    const after = await set(kind, before, { api });
    const back = await set(kind, after, { api: "shop/api:1.10" });
    expect(parse(back)).toMatchObject({
      images: [{ name: "shop/api", newName: "shop/api", newTag: "1.10" }, { name: "shop/web" }],
    });
    expect((parse(back) as { images: object[] }).images[0]).not.toHaveProperty("digest");
  });

  it.each([
    ["with Windows' line ends", "images:\r\n  - name: shop/api\r\n    newTag: v1\r\n  - name: shop/web\r\n"],
    ["without a line end at its end", "images:\n  - name: shop/web\n  - name: shop/api"],
    ["in flow style", "images: [{name: shop/api, newTag: v1, digest: 'sha256:0'}, {name: shop/web}]\n"],
    [
      "with the tag before the name",
      "images:\n- newTag: v1\n  digest: sha256:0\n  name: shop/api\n- name: shop/web\n",
    ],
    ["with an empty value", "images:\n  - name: shop/api\n    digest:   # none yet\n  - name: shop/web\n"],
    [
      "with both a tag and a digest",
      "images:\n- name: shop/web\n- name: shop/api\n  digest: sha256:0\n  newTag: v1",
    ],
  ])("are set in a file %s", async (_title, text) => {
    const after = await set(kind, text, { api });
    expect(await images(kind, after)).toMatchObject({ api, web: "shop/web" });
    expect(after).not.toContain("newTag");
    expect(after.split("\r\n").length).toBe(text.includes("\r\n") ? after.split("\n").length : 1);
    expect(after.includes("# none yet")).toBe(text.includes("# none yet"));
  });

  it("that are missing, or there twice, are named with their lines, all at once", async () => {
    const error = await refusal(kind, "images:\n  - name: shop/web\n    newTag: v1\n  - name: shop/web\n");
    expect(error).toMatchObject({ exitCode: 2, message: "2 images cannot be read from the manifests" });
    expect(error.output).toBe(
      `${file}:2:3: images: has no entry with the name shop/api\n` +
        `${file}:4:5: images: has two entries with the name shop/web, here and at ${file}:2:5`,
    );
    expect(error.remedy).toContain("images:\n  - name: shop/api");
  });

  it("in a file that is no YAML, has a key twice, or is not there are refused with the place", async () => {
    expect(await refusal(kind, "images:\n  - name: [\n")).toMatchObject({ code: "MANIFEST_INVALID" });
    expect(await refusal(kind, "images: []\nnamespace: a\nnamespace: b\n")).toMatchObject({
      code: "MANIFEST_INVALID",
      place: `${file}:3:1`,
      message: "is not valid YAML: Map keys must be unique",
    });
    const elsewhere: ManifestsKind = { ...kind, file: "none.yaml" };
    expect(await refusal(elsewhere, "")).toMatchObject({ code: "MANIFEST_MISSING", place: "none.yaml" });
  });

  it("that share a value with others by an anchor are refused", async () => {
    const shared = "images:\n  - name: shop/api\n    newTag: &tag v1\n  - name: shop/web\n    newTag: *tag\n";
    const error = await refusal(kind, shared);
    expect(error.code).toBe("MANIFEST_SHAPE");
    expect(error.output).toContain(`${file}:3:5: newTag of the image shop/api has the anchor &tag`);
    expect(error.output).toContain(`${file}:5:5: newTag of the image shop/web is an alias of &tag`);
  });
});

describe("images in the values of a chart", () => {
  const kind = (digestIn: "digest" | "tag" = "digest"): ManifestsKind => ({
    kind: "helm",
    file,
    digestIn,
    images: { api: ["api", "image"] },
  });
  const values = `api:
  replicas: 2
  image:
    # where the chart looks
    repository: old.example/api
    tag: v1      # read when there is no digest
    pullPolicy: IfNotPresent
`;

  it("get a digest beside their tag", async () => {
    expect(await images(kind(), values)).toEqual({ api: "old.example/api:v1" });
    const after = await set(kind(), values, { api });
    expect(after).toBe(
      values.replace("old.example/api\n", `127.0.0.1:5000/shop/api\n    digest: ${digest}\n`),
    );
    expect(await images(kind(), after)).toEqual({ api });
    expect(await images(kind(), await set(kind(), after, { api: "old.example/api:v1" }))).toEqual({
      api: "old.example/api:v1",
    });
  });

  it("get the digest behind the tag, where the chart has no key for it", async () => {
    const after = await set(kind("tag"), values, { api });
    expect(after).toBe(
      values.replace("old.example", "127.0.0.1:5000/shop").replace("tag: v1", `tag: 4f2a9c1@${digest}`),
    );
    expect(await images(kind("tag"), after)).toEqual({ api });
  });

  it("keep registry and repository apart where the chart does", async () => {
    const split = "api:\n  image:\n    registry: 'old.example'\n    repository: shop/api\n    tag: v1\n";
    expect(await images(kind(), split)).toEqual({ api: "old.example/shop/api:v1" });
    const after = await set(kind(), split, { api });
    expect(after).toContain("registry: '127.0.0.1:5000'\n    repository: shop/api\n");
    expect(await images(kind(), after)).toEqual({ api });
  });

  it("may be one text", async () => {
    expect(await set(kind(), "api: { image: old/api:v1 } # flow\n", { api })).toBe(
      `api: { image: ${api} } # flow\n`,
    );
  });

  it("without a repository, or somewhere else, are named with their line", async () => {
    expect(await refusal(kind(), "api:\n  image:\n    tag: v1\n")).toMatchObject({
      code: "MANIFEST_ENTRY_MISSING",
      place: `${file}:3:5`,
      message: "api.image has no repository",
    });
    expect(await refusal(kind(), "web: {}\napi:\n  replicas: 2\n")).toMatchObject({
      code: "MANIFEST_ENTRY_MISSING",
      place: `${file}:3:3`,
      message: "there is no api.image: image is missing",
    });
  });
});

describe("images at a path of a file", () => {
  const kind = (path: string): ManifestsKind => ({
    kind: "yaml",
    images: { api: { file, path: path.split(".") } },
  });

  it("are set in the one document that has the path", async () => {
    const text = `kind: Service\n---\nspec:\n  containers:\n    - name: side\n      image: side\n    - name: api\n      image: "x:1" # this\n`;
    const path = "spec.containers.1.image";
    expect(await images(kind(path), text)).toEqual({ api: "x:1" });
    expect(await set(kind(path), text, { api })).toBe(text.replace("x:1", api));
    expect(await refusal(kind(path), `${text}---\n${text}`)).toMatchObject({
      code: "MANIFEST_ENTRY_TWICE",
      place: `${file}:17:7`,
    });
  });

  it.each([
    "api:\n  image:\n",
    "api:\n  image: # none\n",
    "api: {image: }\n",
    'api:\n  image: ""',
    "api:\n  image: ~\n",
  ])("are nothing before the first release: %j", async (text) => {
    expect(await images(kind("api.image"), text)).toEqual({ api: null });
    const after = await set(kind("api.image"), text, { api });
    expect(parse(after)).toEqual({ api: { image: api } });
    expect(after.includes("# none")).toBe(text.includes("# none"));
  });

  it("that are blocks of text are refused", async () => {
    expect(await refusal(kind("image"), "image: |\n  x\n")).toMatchObject({ code: "MANIFEST_SHAPE" });
  });
});

it("whatever else stands in the file, only the images change, and what was set is what is read", async () => {
  const kind: ManifestsKind = {
    kind: "yaml",
    images: { api: { file, path: ["services", "api"] }, web: { file, path: ["services", "web"] } },
  };
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const quoted = fc.constantFrom(
    (text: string) => text,
    (text: string) => `'${text}'`,
    (text: string) => JSON.stringify(text),
  );
  const comment = fc.constantFrom("", " # kept", "   # kept: 'too'");
  await fc.assert(
    fc.asyncProperty(
      value,
      quoted,
      comment,
      fc.constantFrom("\n", "\r\n"),
      async (other, quote, note, end) => {
        const lines = [
          `other: ${JSON.stringify(other)}${note}`,
          "services:",
          `    web: ${quote("shop/web:v1")}${note}`,
          `    api: ${quote("shop/api:v1")}${note}`,
          "",
          `# ${note}`,
        ];
        const text = lines.join(end);
        const after = await set(kind, text, { api });
        expect(await images(kind, after)).toEqual({ api, web: "shop/web:v1" });
        expect(after).toBe(text.replace("shop/api:v1", api));
      },
    ),
  );
});
