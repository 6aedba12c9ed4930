import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
let scratch: string;
beforeAll(async () => {
  engine = await testEngine();
  scratch = await mkdtemp(join(tmpdir(), "fairway-changes-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const lines = (count: number) => Array.from({ length: count }, (_, at) => `${String(at + 1)}\n`);
const program = (line: string) => lines(30).with(9, "function foo() {\n").with(19, line).join("");

const before = (dag: Client) =>
  dag
    .directory()
    .withNewFile("a", "one\n")
    .withNewFile("fn", program("20\n"))
    .withNewFile("gone", "x\n")
    .withNewFile("m", "m\n")
    .withNewFile("m2", "m\n")
    .withSymlink("t1", "tl");
const after = (dag: Client) =>
  dag
    .directory()
    .withNewFile("a", "one\ntwo")
    .withNewFile("fn", program("twenty\n"))
    .withNewFile('d e/é"x', "q\n")
    .withNewFile("d e/f", "q\n")
    .withNewFile("empty", "")
    .withNewFile("m", "m\n", { permissions: 0o755 })
    .withNewFile("m2", "mm\n", { permissions: 0o755 })
    .withSymlink("t2", "tl");

describe("a patch of changes", () => {
  it("is what git diff --no-prefix writes", async () => {
    const patch = await engine.with((dag) => after(dag).changes(before(dag)).asPatch().contents());
    expect(patch).toBe(asGitWritesIt);
  });

  it("makes the same of the folder that it was made from", async () => {
    await engine.with(async (dag) => {
      const patch = after(dag).changes(before(dag)).asPatch();
      const patched = before(dag).withPatchFile(patch);
      const left = patched.changes(after(dag));
      expect([await left.addedPaths(), await left.modifiedPaths(), await left.removedPaths()]).toEqual([
        [],
        [],
        [],
      ]);
      expect(await patched.digest()).toBe(await after(dag).digest());
    });
  });

  it("that does not fit leaves nothing done, and says at which file", async () => {
    const patch = await engine.with((dag) => after(dag).changes(before(dag)).asPatch().contents());
    const asked = engine.with((dag) => before(dag).withNewFile("fn", "other\n").withPatch(patch).entries());
    expect((await refusalOf(asked)).message).toBe("git apply: exit status 1: patch failed: fn");
  });

  it("of a binary file, or out of the folder, is refused", async () => {
    const binary = engine.with((dag) =>
      dag.directory().withNewFile("b", "a\0b").changes(dag.directory()).asPatch().contents(),
    );
    expect((await refusalOf(binary)).message).toContain("asPatch of b");
    const outside =
      "diff --git a/../x b/../x\nnew file mode 100644\n--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n";
    const asked = engine.with((dag) => dag.directory().withPatch(outside).entries());
    expect((await refusalOf(asked)).message).toContain("invalid path '../x'");
  });
});

describe("changes that are exported", () => {
  it("write what came and remove what went, and leave the rest", async () => {
    const folder = join(scratch, "exported");
    await mkdir(folder);
    for (const name of ["gone", "mine"]) await writeFile(join(folder, name), "");
    await engine.with((dag) => after(dag).changes(before(dag)).export(folder));
    expect((await readdir(folder)).sort()).toEqual(["a", "d e", "empty", "fn", "m", "m2", "mine", "tl"]);
  });

  it("remove nothing through a link of the host", async () => {
    const [folder, elsewhere] = [join(scratch, "linked"), join(scratch, "elsewhere")];
    await Promise.all([mkdir(folder), mkdir(elsewhere)]);
    await writeFile(join(elsewhere, "x"), "");
    await symlink(elsewhere, join(folder, "d"));
    const asked = engine.with((dag) =>
      dag
        .directory()
        .withNewFile("d/y", "")
        .withoutFile("d/y")
        .changes(dag.directory().withNewFile("d/x", "").withNewFile("d/y", ""))
        .export(folder),
    );
    expect((await refusalOf(asked)).message).toContain("is a link");
    expect(await readdir(elsewhere)).toContain("x");
  });
});

const asGitWritesIt = String.raw`diff --git a/a b/a
index 5626abf..9ed40b4 100644
--- a/a
+++ b/a
@@ -1 +1,2 @@
 one
+two
\ No newline at end of file
diff --git b/d e/f b/d e/f
new file mode 100644
index 0000000..bca70f3
--- /dev/null
+++ b/d e/f${"\t"}
@@ -0,0 +1 @@
+q
diff --git "b/d e/\303\251\"x" "b/d e/\303\251\"x"
new file mode 100644
index 0000000..bca70f3
--- /dev/null
+++ "b/d e/\303\251\"x"${"\t"}
@@ -0,0 +1 @@
+q
diff --git b/empty b/empty
new file mode 100644
index 0000000..e69de29
diff --git a/fn b/fn
index 9803ad4..7319e76 100644
--- a/fn
+++ b/fn
@@ -17,7 +17,7 @@ function foo() {
 17
 18
 19
-20
+twenty
 21
 22
 23
diff --git a/gone a/gone
deleted file mode 100644
index 587be6b..0000000
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/m b/m
old mode 100644
new mode 100755
diff --git a/m2 b/m2
old mode 100644
new mode 100755
index 28ce6a8..dba863d
--- a/m2
+++ b/m2
@@ -1 +1 @@
-m
+mm
diff --git a/tl b/tl
index 3e0bb63..85f0f00 120000
--- a/tl
+++ b/tl
@@ -1 +1 @@
-t1
\ No newline at end of file
+t2
\ No newline at end of file
`;
