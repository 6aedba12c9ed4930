import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { taskStep } from "../../../../src/steps/checks/scripts/task-step.ts";
import type { Project } from "../../../../src/steps/steps.ts";
import { type Call, fakeClient } from "../../fake-client.ts";

const long = new Date("2015-05-05T05:05:05Z");

describe("a task of cargo's", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "fairway-cargo-"));
    onTestFinished(() => {
      rmSync(root, { recursive: true });
    });
    mkdirSync(join(root, "source/src"), { recursive: true });
    mkdirSync(join(root, "target"));
    write("src/a.rs", "a");
    write("src/it's b.rs", "b");
  });

  /** As a step has it: of any time. */
  function write(path: string, text: string) {
    const file = join(root, "source", path);
    writeFileSync(file, text);
    utimesSync(file, long, long);
  }

  /** Which files the tool takes for new: they are so within the hour. */
  async function seenAsNew({ exitCode = 0, isWhole = true } = {}): Promise<string[]> {
    const { client, execs } = fakeClient();
    const project = { client, config: { name: "tides" }, toolchain: { manager: "cargo", runner: null } };
    const argv = ["sh", "-c", `exit ${String(exitCode)}`];
    await taskStep(project as unknown as Project, client.container(), "clippy", argv, { isWhole }).sync();
    const [program = "", ...words] = execs.at(-1) ?? [];
    const cwd = join(root, "source");
    const env = { ...process.env, CARGO_TARGET_DIR: join(root, "target") };
    const { status, stderr } = spawnSync(program, words, { cwd, env, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: exitCode, stderr: "" });
    const isNew = (path: string) => Date.now() - statSync(join(cwd, path)).mtimeMs < 3_600_000;
    return ["src/a.rs", "src/it's b.rs"].filter(isNew);
  }

  it("takes what differs from the last good run for new, and nothing else", async () => {
    expect(await seenAsNew()).toEqual(["src/a.rs", "src/it's b.rs"]);
    expect(await seenAsNew()).toEqual([]);
    write("src/it's b.rs", "B");
    expect(await seenAsNew()).toEqual(["src/it's b.rs"]);
  });

  it("takes for new what a failed run has seen, also when it is what it was before", async () => {
    await seenAsNew();
    write("src/a.rs", "broken");
    expect(await seenAsNew({ exitCode: 101 })).toEqual(["src/a.rs"]);
    write("src/a.rs", "a");
    expect(await seenAsNew()).toEqual(["src/a.rs"]);
  });

  it("takes what a run for some crates alone has seen for new until a run for all of them", async () => {
    await seenAsNew();
    write("src/a.rs", "changed");
    expect(await seenAsNew({ isWhole: false })).toEqual(["src/a.rs"]);
    expect(await seenAsNew()).toEqual(["src/a.rs"]);
    write("src/a.rs", "a");
    expect(await seenAsNew({ isWhole: false })).toEqual(["src/a.rs"]);
  });
});

it.each(["turborepo", "nx"])(
  "what %s remembers is of one image: a new Node runs everything again",
  async (runner) => {
    const volumeOn = (node: string) => {
      const { client } = fakeClient();
      const project = { client, config: { name: "shop" }, manager: { image: "node" }, images: { node } };
      const toolchain = { manager: "pnpm", runner };
      const step = taskStep({ ...project, toolchain } as unknown as Project, client.container(), "unit", [
        "unit",
      ]);
      const { chain } = step as unknown as { chain: readonly Call[] };
      return chain.find(([method]) => method === "withMountedCache")?.[2];
    };
    expect(volumeOn("node:22")).toEqual(volumeOn("node:22"));
    expect(volumeOn("node:22")).not.toEqual(volumeOn("node:24"));
  },
);
