import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { sandboxExecutor, startEngine } from "../../src/engine/engine.ts";
import { openLayerStore } from "../../src/host/layers/layers.ts";
import { startRegistryServer } from "../../src/host/registry/registry.ts";
import { createSandbox } from "../../src/host/sandbox/sandbox.ts";
import { readOutcomes, type Outcome } from "./outcomes.ts";

/**
 * Runs the cases against a new session of the embedded engine, with an empty cache and a registry of its own.
 * @param more variables for the runner
 */
export async function runCorpus(
  corpus: string,
  choice: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, Outcome>> {
  const scratch = await mkdtemp(join(tmpdir(), "fairway-conformance-"));
  const registry = await startRegistryServer({ root: join(scratch, "registry") });
  const store = await openLayerStore(join(scratch, "cache"));
  // The runner writes what it is told to read: one case reads a secret of these variables.
  const variables = {
    FAIRWAY_IMAGE_DEBIAN: "debian:bookworm-slim",
    FAIRWAY_IMAGE_NODE: "node:24-slim",
    FAIRWAY_REGISTRY: registry.address,
  };
  const session = await startEngine({
    ...{
      executor: sandboxExecutor({ store, sandbox: createSandbox({ store }) }),
      workdir: corpus,
      onEvent: () => undefined,
    },
    variables: { ...process.env, ...variables },
  });
  try {
    const out = join(scratch, "outcomes.json");
    const ambient = { DAGGER_SESSION_PORT: String(session.port), DAGGER_SESSION_TOKEN: session.token };
    const args = ["run.mjs", "--cases", "cases", "--jobs", "2", "--out", out, ...choice];
    // Each case is told by the runner on standard error, with its time.
    await execa(process.execPath, args, {
      ...{ cwd: corpus, env: { ...variables, ...ambient, ...more }, stdout: "ignore" },
      stderr: process.stderr.isTTY ? "inherit" : "ignore",
    });
    return readOutcomes(out);
  } finally {
    await session.close();
    await registry.close();
    await rm(scratch, { recursive: true, force: true });
  }
}
