import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { image, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

describe("a step's output in a file", () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it("has the bytes that the program wrote, text or not, in the root filesystem and in a mount", async () => {
    await engine.with(async (dag) => {
      const script = String.raw`printf '\377\376\000a'; printf '\200' >&2`;
      const step = dag
        .container()
        .from(image)
        .withMountedDirectory("/m", dag.directory())
        .withExec(["sh", "-c", script], { redirectStdout: "/o", redirectStderr: "/m/e" });
      const bytes = await step.withExec(["od", "-An", "-tx1", "/o", "/m/e"]).stdout();
      expect(bytes.trim()).toBe("ff fe 00 61 80");
    });
  });

  it("is there while the program runs, is its user's, and keeps the mode of the file that was there", async () => {
    await engine.with(async (dag) => {
      const step = dag
        .container()
        .from(image)
        .withNewFile("/tmp/old", "old and longer", { permissions: 0o640, owner: "1000" })
        .withSymlink("/tmp/old", "/tmp/link")
        .withUser("1000");
      const made = step.withExec(["sh", "-c", "test -f /tmp/o && stat -c %s /tmp/old"], {
        redirectStdout: "/tmp/link",
        redirectStderr: "/tmp/o",
      });
      const said = await made
        .withExec(["sh", "-c", "cat /tmp/old; stat -c '%a %u %g' /tmp/old /tmp/o"])
        .stdout();
      expect(said).toBe("0\n640 1000 0\n600 1000 0\n");
      expect(await made.directory("/tmp").exists("link", { expectedType: "SYMLINK_TYPE" as never })).toBe(
        true,
      );
    });
  });

  it("is refused for both streams in one", async () => {
    const both = engine.with((dag) =>
      dag.container().from(image).withExec(["true"], { redirectStdout: "/o", redirectStderr: "/o" }).sync(),
    );
    expect((await refusalOf(both)).message).toContain("to one file");
  });
});
