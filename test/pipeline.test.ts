import type { Client, Directory } from "@dagger.io/dagger";
import { expect, it } from "vitest";
import {
  defineCheck,
  environment,
  local,
  pipeline,
  type PipelineDefinition,
  script,
  service,
  stockPipeline,
} from "../src/index.ts";

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

it("checks of the team's own need checks of the config and are needed by them, and a slip is told", async () => {
  const own = (...needs: string[]) => defineCheck("licenses", () => "well", { needs });
  const refusal = async (...checks: NonNullable<PipelineDefinition["checks"]>) => {
    const bound = pipeline({ name: "shop", checks }).with(dag, { source: sourceOf({}) });
    return bound.check().catch((reason: unknown) => reason as { message: string; output?: string });
  };
  const wrong = await refusal("lint", own("lint", "unti"), script("unit", { needs: ["licences"] }));
  expect(wrong).toMatchObject({
    code: "CONFIG_INVALID",
    output: [
      'pipeline("shop") checks[1].needs[0]: there is no check licences; did you mean licenses? (known: lint, unit, licenses)',
      'pipeline("shop") checks.licenses.needs[1]: there is no check unti; did you mean unit? (known: lint, unit, licenses)',
    ].join("\n"),
  });
  const circle = await refusal(own("unit"), script("unit", { needs: ["licenses"] }));
  expect(circle).toMatchObject({
    message: expect.stringContaining("a circle: unit needs licenses needs unit"),
  });
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
