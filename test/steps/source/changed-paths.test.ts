import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { changedPaths, gitStep } from "../../../src/steps/steps.ts";
import { clientIn, emptyRepository, git } from "./git-repository.ts";

describe("what was changed since a base", () => {
  let directory: string;
  beforeEach((context) => {
    directory = emptyRepository(context);
    write("apps/api/a.ts", "a");
    write("apps/api/gone.ts", "gone");
    write(".gitignore", "dist");
    commit("first");
  });

  function write(path: string, text: string) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }

  function commit(message: string): string {
    git(directory, "add", "--all");
    git(directory, "commit", "--quiet", `--message=${message}`);
    return git(directory, "rev-parse", "HEAD");
  }

  function changed(base = "", place = directory) {
    const { client, source } = clientIn(place);
    return changedPaths(gitStep(client, source, "alpine/git"), base);
  }

  it("is what the commits of a branch changed, also where its base went on, and what is not committed", async () => {
    const since = git(directory, "rev-parse", "HEAD");
    git(directory, "checkout", "--quiet", "-b", "feature");
    write("apps/api/a.ts", "b");
    commit("second");
    git(directory, "checkout", "--quiet", "main");
    write("apps/web/other.ts", "of main alone");
    commit("third");
    git(directory, "checkout", "--quiet", "feature");
    git(directory, "mv", "apps/api/gone.ts", "libs-gone.ts");
    write("libs/new\nline/ü.ts", "untracked");
    write("dist/built.js", "ignored");
    write("node_modules/x/index.js", "left out");
    expect(await changed()).toEqual({
      base: "main",
      since,
      paths: ["apps/api/a.ts", "apps/api/gone.ts", "libs-gone.ts", "libs/new\nline/ü.ts"],
    });
  });

  it("is nothing where nothing was", async () => {
    expect(await changed("HEAD")).toMatchObject({ base: "HEAD", paths: [] });
  });

  it("is compared with the remote's default branch before a branch of one's own", async (context) => {
    const clone = emptyRepository(context);
    rmSync(clone, { recursive: true });
    git(directory, "checkout", "--quiet", "-b", "trunk");
    git(directory, "clone", "--quiet", directory, clone);
    expect(await changed("", clone)).toMatchObject({ base: "origin/trunk", paths: [] });
    expect(await changed("main", clone)).toMatchObject({ base: "origin/main" });
  });

  it.each(["nope", "--output=x", "a b", "$(id)"])(
    "refuses the base %j, which git does not know",
    async (base) => {
      await expect(changed(base)).rejects.toMatchObject({
        code: "BASE_UNKNOWN",
        exitCode: 2,
        place: "--base",
      });
    },
  );

  it("says that there is no default to compare with", async () => {
    git(directory, "branch", "--move", "main", "work");
    await expect(changed()).rejects.toMatchObject({ code: "BASE_UNKNOWN", exitCode: 2 });
  });

  it("refuses a shallow history that does not reach the base, with the remedy", async (context) => {
    const clone = emptyRepository(context);
    rmSync(clone, { recursive: true });
    git(directory, "checkout", "--quiet", "-b", "feature");
    write("apps/api/a.ts", "b");
    commit("second");
    git(directory, "clone", "--quiet", "--depth=1", "--no-single-branch", `file://${directory}`, clone);
    await expect(changed("main", clone)).rejects.toMatchObject({
      ...{ code: "HISTORY_SHALLOW", exitCode: 2 },
      remedy: expect.stringContaining("git fetch --unshallow"),
    });
  });

  it("refuses a base that has nothing in common with what is checked out", async () => {
    git(directory, "checkout", "--quiet", "--orphan", "other");
    commit("another beginning");
    await expect(changed("main")).rejects.toMatchObject({
      message: "main and what is checked out have no commit in common",
    });
  });

  it("does not take what git cannot read for no change", async () => {
    const tree = git(directory, "rev-parse", "HEAD^{tree}");
    git(directory, "checkout", "--quiet", "-b", "feature");
    write("apps/api/a.ts", "b");
    commit("second");
    rmSync(join(directory, ".git/objects", tree.slice(0, 2), tree.slice(2)));
    await expect(changed("main")).rejects.toMatchObject({
      ...{ code: "GIT_UNREADABLE", exitCode: 2 },
    });
  });
});
