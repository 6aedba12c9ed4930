import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { scriptedEngine } from "../src/testing/testing.ts";
import { paired, type Paired } from "./paired.ts";

const count = 1_000;
const spawns = 20;

/** What it costs to have steps answered by the scripted engine, through the real client, over spawning a program for each. */
export async function scriptedExecs(): Promise<Paired[]> {
  await using engine = await scriptedEngine({ otherwise: { stdout: "done\n" } });
  return await engine.run(async (dag) => {
    const base = () => dag.container().from("node:24-slim").withEnvVariable("NONCE", randomUUID());
    const each = (work: (index: number) => Promise<unknown>) => async () => {
      for (let index = 0; index < spawns; index++) await work(index);
    };
    return [
      await paired(
        `${String(count)} scripted steps of their own, over ${String(spawns)} spawns of true`,
        [
          `${String(count)} steps`,
          async () => {
            const start = base();
            await Promise.all(
              Array.from({ length: count }, (_, index) => start.withExec(["step", String(index)]).stdout()),
            );
          },
        ],
        [`${String(spawns)} spawns`, each(() => bare("true"))],
      ),
      await paired(
        `${String(count)} scripted steps in chains of 20, over ${String(spawns)} spawns of true`,
        [
          `${String(count)} steps`,
          async () => {
            const chains = Array.from({ length: count / 20 }, (_, chain) => {
              let step = base();
              for (let index = 0; index < 20; index++)
                step = step.withExec(["step", String(chain), String(index)]);
              return step.sync();
            });
            await Promise.all(chains);
          },
        ],
        [`${String(spawns)} spawns`, each(() => bare("true"))],
      ),
    ];
  });
}

function bare(program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(program, { stdio: "ignore" })
      .on("error", reject)
      .on("close", () => {
        resolve();
      });
  });
}
