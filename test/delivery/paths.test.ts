import type { Directory } from "@dagger.io/dagger";
import { expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { requirePaths } from "../../src/delivery/paths.ts";

const config = loadConfig(
  `name: shop
services:
  api: { dockerfile: apps/api/Dockerfile, port: 3000, ready: /ready, envSchema: apps/api/environment.ts }
  web: { dockerfile: apps/wbe/Dockerfile, port: 3001, ready: /ready }
environments:
  local: { target: local }
`,
  "fairway.yaml",
);

const sourceOf = (...files: string[]) =>
  ({ exists: async (path: string) => files.includes(path) }) as unknown as Directory;

it("all paths that are not there are told at once, each with its place", async () => {
  const refused = requirePaths(config, sourceOf("apps/api/Dockerfile"), "fairway.yaml").catch(
    (error: unknown) => error,
  );
  expect(await refused).toMatchObject({
    code: "PATH_MISSING",
    exitCode: 2,
    message: "2 paths of fairway.yaml are not in the repository",
    output: "services.api.envSchema: apps/api/environment.ts\nservices.web.dockerfile: apps/wbe/Dockerfile",
  });
});

it("a single one is told with its place", async () => {
  const source = sourceOf("apps/api/Dockerfile", "apps/api/environment.ts");
  const refused = requirePaths(config, source, null).catch((error: unknown) => error);
  expect(await refused).toMatchObject({
    message: "apps/wbe/Dockerfile is not in the repository",
    place: 'pipeline("shop") services.web.dockerfile',
  });
});

it("the file of those who approve is told with what is to stand in it", async () => {
  const text =
    "name: shop\nservices:\n  web: { dockerfile: Dockerfile, port: 3000, ready: /ready }\nenvironments:\n  local: { target: local, approvals: { required: 1, signers: keys } }\n";
  const refused = requirePaths(
    loadConfig(text, "fairway.yaml"),
    sourceOf("Dockerfile"),
    "fairway.yaml",
  ).catch((error: unknown) => error);
  expect(await refused).toMatchObject({
    code: "PATH_MISSING",
    remedy: expect.stringMatching(/keys says who approves\. .*ada@example.com ssh-ed25519 AAAA/) as string,
  });
});
