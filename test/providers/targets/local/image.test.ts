import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, type TestContext } from "vitest";
import { layerBlob, packLayer } from "../../../../src/host/layers/archive.ts";
import { openLayerStore } from "../../../../src/host/layers/layers.ts";
import { ensureLoopbackRegistry, stopLoopbackRegistry } from "../../../../src/host/registry/registry.ts";
import { createSandbox } from "../../../../src/host/sandbox/sandbox.ts";
import { openRepository, pushImage, standInLabel, type RuntimeConfig } from "../../../../src/oci/oci.ts";
import { localTarget } from "../../../../src/providers/targets/local/local.ts";
import { markedProcesses } from "../../../../src/host/processes/processes.ts";
import {
  app,
  killSupervisor,
  needs,
  release,
  replaceOperation,
  replicasOf,
  service,
  until,
  versionsThatAnswer,
} from "./fixtures.ts";

test("replicas are started from an image in a registry, in a filesystem of their own", async (context) => {
  await using shop = await imageEnvironment(context);
  const image = await shop.push({
    Entrypoint: ["node"],
    Cmd: ["app.ts"],
    WorkingDir: "/app",
    Env: ["GREETING=from the image", "HOST=127.0.0.1"],
    Labels: { [standInLabel]: "node:24-slim" },
  });
  const { target, context: operation } = shop;
  await target.prepare(operation, needs);
  const one = release("v1", service({ image }));
  for (const index of [0, 1]) await target.apply(replaceOperation("v1", index), one, operation);

  expect(await versionsThatAnswer(shop)).toEqual(["v1"]);
  const url = (await target.urls())["api"] ?? "";
  expect(await (await fetch(url)).json()).toMatchObject({ greeting: "from the image" });
  expect((await replicasOf(target)).map(({ image: observed, state }) => ({ observed, state }))).toEqual([
    { observed: image, state: "ready" },
    { observed: image, state: "ready" },
  ]);
  const two = release("v2", service({ image, variables: { GREETING: "from the release" } }));
  await target.apply(replaceOperation("v2", 0), two, operation);
  expect(await versionsThatAnswer(shop)).toEqual(["v1", "v2"]);

  await killSupervisor(shop.stateDirectory);
  await until(async () => (await target.observe()).services.length === 0);
  await target.stop(operation, { removeData: false });
  expect(markedProcesses("FAIRWAY_ENVIRONMENT", (value) => value === shop.name)).toEqual([]);
});

test("an image whose program is missing is refused with what the sandbox says", async (context) => {
  await using shop = await imageEnvironment(context);
  const image = await shop.push({
    Entrypoint: ["no-such-program"],
    Labels: { [standInLabel]: "node:24-slim" },
  });
  await shop.target.prepare(shop.context, needs);
  const applied = shop.target.apply(replaceOperation("v1"), release("v1", service({ image })), shop.context);
  await expect(applied).rejects.toMatchObject({
    code: "REPLICA_EXITED",
    output: expect.stringContaining("no-such-program") as string,
  });
});

test("an image that the registry has not is an error that names it", async (context) => {
  await using shop = await imageEnvironment(context);
  const image = `${shop.registry}/shop/api@sha256:${"0".repeat(64)}`;
  await shop.target.prepare(shop.context, needs);
  const applied = shop.target.apply(replaceOperation("v1"), release("v1", service({ image })), shop.context);
  await expect(applied).rejects.toThrow(/shop\/api/);
});

async function imageEnvironment(context: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "fairway-image-"));
  const store = await openLayerStore(join(directory, "store"));
  const sandbox = createSandbox({ store });
  const support = await sandbox.support();
  if (support.kind === "none") {
    await rm(directory, { recursive: true, force: true });
    context.skip(`this machine has no sandbox: ${support.reason}`);
  }
  const { address } = await ensureLoopbackRegistry({ stateDirectory: join(directory, "registry") });
  const name = `test-${String(process.pid)}-${directory.slice(-6)}`;
  const target = await localTarget({
    environment: name,
    stateDirectory: join(directory, "state"),
    sandbox,
    store,
  });
  const operation = {
    fencingToken: 1,
    operationId: "operation",
    secrets: {},
    signal: new AbortController().signal,
    report: () => undefined,
  };
  return {
    name,
    target,
    stateDirectory: join(directory, "state"),
    context: operation,
    registry: address,
    push: async (config: RuntimeConfig): Promise<string> => {
      const layer = await store.ensure("app", async (draft) => {
        await mkdir(join(draft.path, "app"));
        await copyFile(fileURLToPath(app), join(draft.path, "app", "app.ts"));
      });
      const packed = await packLayer(layer);
      const { descriptor } = await pushImage(openRepository(`${address}/shop/api`), {
        layers: [layerBlob(packed)],
        config: {
          architecture: "amd64",
          os: "linux",
          config,
          rootfs: { type: "layers", diff_ids: [packed.diffId] },
        },
      });
      return `${address}/shop/api@${descriptor.digest}`;
    },
    [Symbol.asyncDispose]: async () => {
      await target.stop(operation, { removeData: true });
      await stopLoopbackRegistry({ stateDirectory: join(directory, "registry") });
      await rm(directory, { recursive: true, force: true });
    },
  };
}
