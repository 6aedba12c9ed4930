import { randomBytes } from "node:crypto";
import { mkdtemp, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureLoopbackRegistry, stopLoopbackRegistry } from "../../../src/host/registry/registry.ts";
import type { LoopbackRegistry } from "../../../src/host/registry/registry.ts";
import { blobOf, openRepository, pushImage, readImage } from "../../../src/oci/oci.ts";
import type { ImageConfig } from "../../../src/oci/oci.ts";

let stateDirectory: string;

beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), "registry-daemon-test-"));
});

afterEach(async () => {
  await stopLoopbackRegistry({ stateDirectory, removeData: true });
});

const config: ImageConfig = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } };

async function startInProcess(idleMinutes = 15): Promise<LoopbackRegistry> {
  const starter = fileURLToPath(new URL("./starter.ts", import.meta.url));
  const { stdout } = await execa(process.execPath, [starter, stateDirectory, String(idleMinutes)]);
  return JSON.parse(stdout) as LoopbackRegistry;
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("starters in a race end up with one registry, which outlives them", async () => {
  const started = await Promise.all([1, 2, 3, 4, 5].map(() => startInProcess()));
  expect(new Set(started.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(await ensureLoopbackRegistry({ stateDirectory })).toEqual(started[0]);
  await expect(openRepository(`${started[0]!.address}/a`).listTags()).resolves.toEqual([]);
});

test("the port stays the same over restarts, and what was pushed is there", async () => {
  const first = await ensureLoopbackRegistry({ stateDirectory });
  const { descriptor } = await pushImage(openRepository(`${first.address}/a`), {
    layers: [blobOf("x")],
    config,
    tag: "t",
  });
  await stopLoopbackRegistry({ stateDirectory });
  await until(() => !isRunning(first.processId));
  const second = await ensureLoopbackRegistry({ stateDirectory });
  expect(second.address).toBe(first.address);
  expect(second.processId).not.toBe(first.processId);
  expect((await readImage(openRepository(`${second.address}/a`), "t")).digest).toBe(descriptor.digest);
});

test("takes another port when somebody else has its own by now", async () => {
  const first = await ensureLoopbackRegistry({ stateDirectory });
  await stopLoopbackRegistry({ stateDirectory });
  const squatter = createServer().listen(Number(first.address.split(":")[1]), "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const second = await ensureLoopbackRegistry({ stateDirectory });
  expect(second.address).not.toBe(first.address);
  await expect(openRepository(`${second.address}/a`).listTags()).resolves.toEqual([]);
  squatter.close();
});

test("kill -9 in the middle of pushes leaves whole images and nothing broken", async () => {
  const layers = Array.from({ length: 40 }, () => blobOf(randomBytes(300_000)));
  for (const afterMs of [15, 60, 120]) {
    const registry = await ensureLoopbackRegistry({ stateDirectory });
    const repository = openRepository(`${registry.address}/a`, { attempts: 1 });
    const pushing = Promise.allSettled(
      layers.map((layer, index) =>
        pushImage(repository, { layers: [layer], config, tag: `t${String(index)}` }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    process.kill(registry.processId, "SIGKILL");
    await pushing;
  }
  const registry = await ensureLoopbackRegistry({ stateDirectory });
  const repository = openRepository(`${registry.address}/a`);
  for (const tag of await repository.listTags()) {
    const { manifest } = await readImage(repository, tag);
    for (const { digest } of manifest.layers) await repository.readBlob(digest);
  }
  const pushed = await Promise.all(layers.map((layer) => pushImage(repository, { layers: [layer], config })));
  await Promise.all(pushed.map(({ descriptor }) => readImage(repository, descriptor.digest)));
});

test("ends by itself when nobody asks for some time, and not before", async () => {
  const idleMinutes = 1.5 / 60;
  const registry = await startInProcess(idleMinutes);
  for (let request = 0; request < 5; request++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await ensureLoopbackRegistry({ stateDirectory, idleMinutes })).toEqual(registry);
  }
  await until(() => !isRunning(registry.processId));
  expect(await readdir(stateDirectory)).not.toContain("daemon.json");
  const next = await ensureLoopbackRegistry({ stateDirectory });
  expect(next.address).toBe(registry.address);
});

test("stopping what does not run is no error", async () => {
  await stopLoopbackRegistry({ stateDirectory });
});
