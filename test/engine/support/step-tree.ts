import type { Client, Container } from "@dagger.io/dagger";
import type { EngineEvent } from "../../../src/engine/engine.ts";
import { image } from "./engine.ts";

/** Of a tree of steps, `fanOut[level]` at each: every leaf, with the whole way to it asked for anew. */
export function leaves(dag: Client, fanOut: readonly number[]): Container[] {
  const count = fanOut.reduce((product, each) => product * each, 1);
  return Array.from({ length: count }, (_, leaf) => {
    let rest = leaf;
    let container = dag.container().from(image).withEnvVariable("TREE", fanOut.join("x"));
    for (const [level, width] of fanOut.entries()) {
      container = container.withExec(["echo", `level ${String(level)}`, String(rest % width)]);
      rest = Math.floor(rest / width);
    }
    return container;
  });
}

/** How many steps such a tree has. */
export function stepsOf(fanOut: readonly number[]): number {
  let [steps, width] = [0, 1];
  for (const each of fanOut) {
    width *= each;
    steps += width;
  }
  return steps;
}

/** How many steps were run. */
export const ran = (events: readonly EngineEvent[]) =>
  events.filter((event) => event.type === "finished" && event.outcome === "done").length;
