import type { Client, Directory } from "@dagger.io/dagger";
import { expect, it } from "vitest";
import { environment, local, pipeline, service, stockPipeline } from "../src/index.ts";

/** A directory of literal files: what `source` is to a pipeline that has not touched an engine yet. */
function sourceOf(files: Record<string, string>): Directory {
  return {
    exists: async (path: string) => path in files,
    file: (path: string) => ({ contents: async () => files[path] }),
  } as unknown as Directory;
}

// The functions that are asked here end before they need an engine.
const dag = undefined as unknown as Client;
const yaml = [
  "name: shop",
  "services: { web: { dockerfile: Dockerfile, port: 3000, ready: /health } }",
  "environments: { local: { target: local } }",
].join("\n");

it("a pipeline never throws when it is made, and tells every error at first use", async () => {
  const broken = pipeline({
    name: "shop",
    services: { api: service({ dockerfile: "Dockerfile", port: 70_000, ready: "health", needs: ["web"] }) },
    environments: { local: environment({ target: local(), smoke: [{ service: "wbe", path: "/" }] }) },
  });
  const error: unknown = await broken
    .with(dag, { source: sourceOf({}) })
    .status()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "CONFIG_INVALID", exitCode: 2 });
  const text = (error as Error).message + ((error as { output?: string }).output ?? "");
  for (const place of ["services.api.port", "services.api.ready", "services.api.needs"]) {
    expect(text).toContain(place);
  }
});

it("a repository without a fairway.yaml is told how to get one", async () => {
  const bound = stockPipeline.with(dag, { source: sourceOf({}) });
  await expect(bound.status()).rejects.toMatchObject({
    code: "CONFIG_MISSING",
    exitCode: 2,
    remedy: expect.stringContaining("npx fairway init"),
  });
});

it("Fairway's own repository, handed over by plain -m, is refused with the toolchain remedy", async () => {
  const source = sourceOf({ "package.json": '{ "name": "@fairway/sdk" }' });
  for (const own of [stockPipeline, pipeline({ name: "shop" })]) {
    await expect(own.with(dag, { source }).deploy("staging")).rejects.toMatchObject({
      code: "SOURCE_IS_FAIRWAY",
      exitCode: 2,
      remedy: expect.stringContaining("dagger toolchain install"),
    });
  }
});

it("what only a host has is refused by name inside an engine", async () => {
  const bound = stockPipeline.with(dag, { source: sourceOf({ "fairway.yaml": yaml }) });
  await expect(bound.status("local")).rejects.toMatchObject({ code: "NEEDS_A_HOST", exitCode: 2 });
});

it("an unknown environment is named together with the known ones", async () => {
  const bound = stockPipeline.with(dag, { source: sourceOf({ "fairway.yaml": yaml }) });
  await expect(bound.history("lokal")).rejects.toMatchObject({ code: "ENVIRONMENT_UNKNOWN", exitCode: 2 });
});
