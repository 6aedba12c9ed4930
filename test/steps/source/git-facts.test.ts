import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { gitFacts, refuseFairwaysOwnRepository } from "../../../src/steps/steps.ts";
import { clientIn, emptyRepository, git } from "./git-repository.ts";

/** A repository on disk, and what Fairway's own step says of it when it runs there. */
function repository(context: TestContext, options: { readonly commit?: boolean } = {}) {
  const directory = emptyRepository(context);
  writeFileSync(join(directory, "a.txt"), "a");
  git(directory, "add", ".");
  if (options.commit !== false) git(directory, "commit", "--quiet", "--message=first");
  return { directory, facts: (ref = "") => factsOf(directory, ref) };
}

function factsOf(directory: string, ref: string) {
  const { client, source } = clientIn(directory);
  return gitFacts(client, source, { image: "alpine/git", ref });
}

describe("what git says of a source", () => {
  it("is the commit, its branch, its tags and its author", async (context) => {
    const { directory, facts } = repository(context);
    git(directory, "tag", "v1.0.0");
    git(directory, "tag", "--annotate", "--message=x", "release");
    const commit = git(directory, "rev-parse", "HEAD");
    expect(await facts()).toEqual({
      commit,
      shortCommit: commit.slice(0, 7),
      branch: "main",
      tags: ["release", "v1.0.0"],
      dirty: false,
      changes: [],
      author: "Ada <ada@example.com>",
    });
  });

  it("lists what differs from the commit, without what Fairway leaves out of the source", async (context) => {
    const { directory, facts } = repository(context);
    writeFileSync(join(directory, "a.txt"), "b");
    writeFileSync(join(directory, "new file.txt"), "n");
    mkdirSync(join(directory, "node_modules/x"), { recursive: true });
    writeFileSync(join(directory, "node_modules/x/index.js"), "");
    const found = await facts();
    expect(found.dirty).toBe(true);
    expect(found.changes).toEqual([" M a.txt", '?? "new file.txt"']);
  });

  it("is not clean where only what a build wrote differs: that is delivered, too", async (context) => {
    const { directory, facts } = repository(context);
    mkdirSync(join(directory, "web/dist"), { recursive: true });
    writeFileSync(join(directory, "web/dist/app.js"), "1");
    git(directory, "add", ".");
    git(directory, "commit", "--quiet", "--message=second");
    writeFileSync(join(directory, "web/dist/app.js"), "2");
    mkdirSync(join(directory, "target/debug"), { recursive: true });
    writeFileSync(join(directory, "target/debug/left-out"), "");
    expect(await facts()).toMatchObject({ dirty: true, changes: [" M web/dist/app.js"] });
  });

  it("has no branch when the commit is detached, unless the caller names it", async (context) => {
    const { directory, facts } = repository(context);
    git(directory, "checkout", "--quiet", "--detach");
    expect((await facts()).branch).toBeNull();
    expect((await facts("refs/heads/main")).branch).toBe("main");
    expect((await facts("release/2")).branch).toBe("release/2");
    expect(await facts("refs/tags/v2.0.0")).toMatchObject({ branch: null, tags: ["v2.0.0"] });
  });

  it("takes a ref that is a tag of the commit for the tag, not for a branch", async (context) => {
    const { directory, facts } = repository(context);
    git(directory, "tag", "v1.0.0");
    git(directory, "checkout", "--quiet", "--detach");
    expect(await facts("v1.0.0")).toMatchObject({ branch: null, tags: ["v1.0.0"] });
  });

  it("refuses a ref that contradicts the branch that is checked out", async (context) => {
    const { facts } = repository(context);
    await expect(facts("production")).rejects.toMatchObject({ code: "REF_CONTRADICTS", exitCode: 2 });
  });

  it("refuses a ref that is a tag of another commit", async (context) => {
    const { directory, facts } = repository(context);
    git(directory, "tag", "v1.0.0");
    writeFileSync(join(directory, "a.txt"), "b");
    git(directory, "commit", "--quiet", "--all", "--message=second");
    git(directory, "checkout", "--quiet", "--detach");
    await expect(facts("v1.0.0")).rejects.toMatchObject({ code: "REF_CONTRADICTS" });
    await expect(facts("refs/tags/v1.0.0")).rejects.toMatchObject({ code: "REF_CONTRADICTS" });
  });

  it("never takes a repository that git cannot read for one without changes", async (context) => {
    const { directory, facts } = repository(context);
    writeFileSync(join(directory, ".git/index"), "broken");
    await expect(facts()).rejects.toMatchObject({ code: "GIT_UNREADABLE", exitCode: 2 });
  });

  it("works on a shallow clone", async (context) => {
    const { directory } = repository(context);
    writeFileSync(join(directory, "a.txt"), "b");
    git(directory, "commit", "--quiet", "--all", "--message=second");
    const clone = `${directory}-shallow`;
    context.onTestFinished(() => {
      rmSync(clone, { recursive: true });
    });
    git(directory, "clone", "--quiet", "--depth=1", `file://${directory}`, clone);
    expect(await factsOf(clone, "")).toMatchObject({ branch: "main", dirty: false });
  });

  it.each([
    ["no .git", "GIT_MISSING", /git init/],
    ["a worktree, whose .git is a file", "GIT_OUTSIDE", /git clone/],
    ["no commit", "GIT_EMPTY", /git commit/],
  ])("refuses a source with %s, with the remedy", async (what, code, remedy) => {
    const refused = expect.objectContaining({ code, exitCode: 2, remedy: expect.stringMatching(remedy) });
    await expect(
      (async () => {
        const finishers: (() => void)[] = [];
        const context = {
          onTestFinished: (finish: () => void) => finishers.push(finish),
        } as unknown as TestContext;
        try {
          const { directory, facts } = repository(context, { commit: code !== "GIT_EMPTY" });
          if (code !== "GIT_EMPTY") rmSync(join(directory, ".git"), { recursive: true });
          if (code === "GIT_OUTSIDE") writeFileSync(join(directory, ".git"), "gitdir: /elsewhere");
          return await facts();
        } finally {
          for (const finish of finishers) finish();
        }
      })(),
      what,
    ).rejects.toEqual(refused);
  });
});

describe("Fairway's own repository as a source", () => {
  it("is refused with the way to install a toolchain", () => {
    expect(() => {
      refuseFairwaysOwnRepository('{ "name": "@fairway/sdk" }');
    }).toThrow(
      expect.objectContaining({
        code: "SOURCE_IS_FAIRWAY",
        exitCode: 2,
        remedy: expect.stringContaining("dagger toolchain install"),
      }) as Error,
    );
  });

  it("is not what depends on it", () => {
    expect(() => {
      refuseFairwaysOwnRepository('{ "name": "shop", "devDependencies": { "@fairway/sdk": "0.1.0" } }');
    }).not.toThrow();
  });
});
