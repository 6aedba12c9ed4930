import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxExecutor, startEngine } from "../src/engine/engine.ts";
import { openLayerStore } from "../src/host/layers/layers.ts";
import { createSandbox } from "../src/host/sandbox/sandbox.ts";
import { paired, type Paired } from "./paired.ts";

/** What it costs to run a program as a step, in a filesystem of its own with its result kept, over spawning it. */
export async function step(): Promise<Paired[]> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  const store = await openLayerStore(directory);
  const session = await startEngine({
    executor: sandboxExecutor({ store, sandbox: createSandbox({ store }) }),
    workdir: directory,
    variables: {},
    onEvent: () => undefined,
  });
  process.env["DAGGER_SESSION_PORT"] = String(session.port);
  process.env["DAGGER_SESSION_TOKEN"] = session.token;
  const { connection, dag } = await import("@dagger.io/dagger");
  const asStep = (program: readonly string[]) => async () => {
    await dag
      .container()
      .from("node:24-slim")
      .withEnvVariable("NONCE", randomUUID())
      .withExec([...program])
      .sync();
  };
  const figures: Paired[] = [];
  try {
    await connection(async () => {
      figures.push(
        await paired(
          "step `true` over bare spawn",
          ["step", asStep(["true"])],
          ["spawn", () => bare(["true"])],
          21,
        ),
        await paired(
          "step `node -e 0` over bare spawn",
          ["step", asStep(["node", "-e", "0"])],
          ["spawn", () => bare([process.execPath, "-e", "0"])],
          21,
        ),
      );
    });
    return figures;
  } finally {
    // What is timed after this has no session.
    delete process.env["DAGGER_SESSION_PORT"];
    delete process.env["DAGGER_SESSION_TOKEN"];
    await session.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function bare([program = "", ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(program, args, { stdio: "ignore" })
      .on("error", reject)
      .on("close", () => {
        resolve();
      });
  });
}
