import { describe, expect, it } from "vitest";
import type { FairwayError } from "../../../src/model/errors.ts";
import { loadConfig } from "../../../src/config/config.ts";

/** A config whose staging has these lines under `gitops`. */
const configOf = (...lines: readonly string[]) =>
  [
    "name: shop",
    "services:",
    "  api: { dockerfile: api/Dockerfile, port: 3000, ready: /ready }",
    "  web: { dockerfile: web/Dockerfile, port: 3001, ready: /ready }",
    "environments:",
    "  staging:",
    "    target:",
    "      gitops:",
    ...lines.map((line) => `        ${line}`),
    "",
  ].join("\n");

const whole = [
  "repository: https://git.example/acme/manifests",
  "path: apps/shop",
  "kustomize: { images: { api: shop/api, web: shop/web } }",
  "token: MANIFESTS_TOKEN",
  "argocd: { url: 'https://argocd.example', token: ARGOCD_TOKEN, application: shop }",
];
/** The same with some lines in the place of others that begin alike. */
const withLines = (...lines: readonly string[]) => {
  const keys = lines.map((line) => line.split(":")[0]);
  return configOf(...whole.filter((line) => !keys.includes(line.split(":")[0])), ...lines);
};
const without = (key: string, ...lines: readonly string[]) =>
  configOf(...whole.filter((line) => !line.startsWith(`${key}:`)), ...lines);

function errorsOf(text: string): string {
  try {
    loadConfig(text, "fairway.yaml");
  } catch (error) {
    const { message, place, output } = error as FairwayError;
    return output ?? `${String(place)}: ${message.replace("fairway.yaml is not valid: ", "")}`;
  }
  return "";
}

describe("an environment by gitops", () => {
  it("says where the manifests are, where the images stand in them, and who rolls out", () => {
    const { environments } = loadConfig(configOf(...whole), "fairway.yaml");
    expect(environments["staging"]).toMatchObject({
      standIns: "refused",
      target: {
        gitops: {
          branch: "main",
          path: "apps/shop",
          kustomize: { file: "kustomization.yaml", images: { api: "shop/api", web: "shop/web" } },
          urls: {},
          pollSeconds: 5,
          degradedSeconds: 60,
        },
      },
    });
  });

  it("has images at paths, written with dots or one by one", () => {
    const helm = "helm: { digest: tag, images: { api: api.image, web: ['web.example', image] } }";
    const { environments } = loadConfig(without("kustomize", helm), "fairway.yaml");
    expect(environments["staging"]?.target).toMatchObject({
      gitops: {
        helm: {
          file: "values.yaml",
          digest: "tag",
          images: { api: ["api", "image"], web: ["web.example", "image"] },
        },
      },
    });
  });

  it.each([
    [without("token"), "token"],
    [withLines("repository: git@git.example:acme/manifests"), "is reached over https, with a token"],
    [
      withLines("repository: http://git.example/acme/manifests"),
      "a token does not cross a network in the clear",
    ],
    [withLines("repository: https://ada:canary@git.example/acme"), "no user name or token in it"],
    [withLines("path: ../other"), "must be inside the repository"],
    [without("kustomize"), "must say where the images stand: kustomize, helm or yaml"],
    [withLines("helm: { images: { api: a, web: b } }"), "must not be given beside kustomize"],
    [withLines('health: "not observed"'), "must not be given beside argocd"],
    [without("argocd", "urls: { api: 'https://api.example' }"), "must have the address of web"],
    [withLines("kustomize: { images: { api: shop/api } }"), "does not say where the image of web stands"],
    [
      withLines("kustomize: { images: { api: a, web: b, wbe: c } }"),
      "there is no service wbe; did you mean web?",
    ],
    [withLines("urls: { ap: 'https://api.example' }"), "there is no service ap; did you mean api?"],
    [withLines("brnch: main"), "brnch"],
  ])("%#: is refused with its place when something is wrong or missing", (text, words) => {
    expect(errorsOf(text)).toContain(words);
    expect(errorsOf(text)).toMatch(/^fairway\.yaml:\d+:\d+ environments\.staging/);
    expect(errorsOf(text)).not.toContain("canary");
  });

  it.each([
    "http://127.0.0.1:3000/acme/manifests",
    "http://gitea/acme/manifests",
    "http://gitea.git.svc/acme/m",
  ])("may be reached at %s, where no network is crossed", (url) => {
    expect(errorsOf(withLines(`repository: ${url}`))).toBe("");
  });

  it.each(['health: "not observed"', "urls: { api: 'https://a.example', web: 'https://w.example' }"])(
    "needs no controller with %s",
    (line) => {
      expect(errorsOf(without("argocd", line))).toBe("");
    },
  );
});
