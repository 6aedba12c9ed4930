import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { scriptedExecutor, startEngine, type EngineEvent } from "../../src/engine/engine.ts";
import { connectedTo } from "../../src/testing/engine/connected.ts";
import { leaves, ran, stepsOf } from "./support/step-tree.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

it("2,000 containers that share their first steps run each distinct step once", async () => {
  const workdir = await mkdtemp(join(tmpdir(), "fairway-prefixes-"));
  folders.push(workdir);
  const events: EngineEvent[] = [];
  const asked: string[] = [];
  const executor = scriptedExecutor({
    ...{ registry: new Map(), assumesFiles: false },
    exec: (exec) => {
      asked.push(JSON.stringify([exec.argv, exec]));
      return Promise.resolve({ stdout: exec.argv.join(" ") });
    },
  });
  const session = await startEngine({
    executor,
    workdir,
    variables: {},
    onEvent: (event) => events.push(event),
  });
  try {
    const fanOut = [4, 10, 50];
    await connectedTo(session, async (dag) => {
      const built = leaves(dag, fanOut);
      expect(built).toHaveLength(2000);
      expect(ran(events), "steps before anybody asks").toBe(0);
      await Promise.all(built.map((container) => container.sync()));
      expect(ran(events)).toBe(stepsOf(fanOut));
      expect(asked).toHaveLength(stepsOf(fanOut));
      const again = await Promise.all(
        leaves(dag, fanOut)
          .slice(-40)
          .map((container) => container.stdout()),
      );
      expect(new Set(again)).toEqual(new Set(["echo level 2 49"]));
    });
    expect(asked).toHaveLength(stepsOf(fanOut));
  } finally {
    await session.close();
  }
});
