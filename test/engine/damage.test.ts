import { mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@dagger.io/dagger";
import { describe, expect, it } from "vitest";
import { image, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

async function withSources(engine: TestEngine): Promise<string> {
  const folder = join(engine.workdir, "sources");
  await mkdir(folder);
  for (const name of ["a", "b"]) await writeFile(join(folder, name), `this is ${name}`);
  return folder;
}

/** The files of this name in the layers of the host's files. */
async function hostCopies(cache: string, name: string): Promise<string[]> {
  const layers = (await readdir(join(cache, "layers"))).filter((layer) => layer.startsWith("host_"));
  const found = await Promise.all(
    layers.map(async (layer) => {
      const root = join(cache, "layers", layer, "fs");
      return (await readdir(root)).filter((each) => each === name).map((each) => join(root, each));
    }),
  );
  return found.flat();
}

describe("a store that was damaged between two sessions", () => {
  it("answers from the host's file where its own copies were cut off", async () => {
    await using first = await testEngine();
    // Files that were not written just now: only of those a copy is remembered.
    const folder = join(import.meta.dirname, "support");
    const text = await readFile(join(folder, "engine.ts"), "utf8");
    const read = (dag: Client) => dag.host().directory(folder).file("engine.ts").contents();
    await first.with(async (dag) => {
      expect(await read(dag)).toBe(text);
      // Its copy is the one that is known from now on: another layer's, which nobody asks for below.
      await dag.host().file(join(folder, "engine.ts")).contents();
    });
    const copies = await hostCopies(first.cache, "engine.ts");
    expect(copies).toHaveLength(2);
    for (const copy of copies) await truncate(copy, 3);
    await using second = await testEngine({ cache: first.cache });
    expect(await second.with(read)).toBe(text);
  });

  it("reads the host's files anew where what it knows of them is damaged", async () => {
    await using first = await testEngine();
    const folder = await withSources(first);
    const read = (dag: Client) => dag.host().directory(folder).file("b").contents();
    expect(await first.with(read)).toBe("this is b");
    for (const name of ["host-files.db-wal", "host-files.db-shm"])
      await rm(join(first.cache, name), { force: true });
    await writeFile(join(first.cache, "host-files.db"), "no database any more ".repeat(1000));
    await using second = await testEngine({ cache: first.cache });
    expect(await second.with(read)).toBe("this is b");
  });

  it("runs a step again whose changes were cut off", async () => {
    await using first = await testEngine();
    const read = (dag: Client) =>
      dag.container().from(image).withExec(["sh", "-c", "echo made >/made"]).file("/made").contents();
    expect(await first.with(read)).toBe("made\n");
    const layers = (await readdir(join(first.cache, "layers"))).filter((layer) => layer.startsWith("exec_"));
    for (const layer of layers) await truncate(join(first.cache, "layers", layer, "fs/made"), 0);
    await using second = await testEngine({ cache: first.cache });
    expect(await second.with(read)).toBe("made\n");
  });

  it("fills a volume anew whose filling did not come to its end", async () => {
    await using first = await testEngine();
    const folder = await withSources(first);
    const list = (dag: Client) =>
      dag
        .container()
        .from(image)
        .withMountedCache("/v", dag.cacheVolume("half"), { source: dag.host().directory(folder) })
        .withExec(["ls", "/v"])
        .stdout();
    await first.with(async (dag) => {
      await dag.host().directory(folder).entries();
      for (const copy of await hostCopies(first.cache, "b")) await rm(copy);
      expect((await refusalOf(list(dag))).message).toContain("ENOENT");
    });
    await using second = await testEngine({ cache: first.cache });
    expect(await second.with(list)).toBe("a\nb\n");
  });
});
