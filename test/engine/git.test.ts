import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Directory } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRef, latestVersion, namesBelow, type Refs } from "../../src/engine/git/refs.ts";
import { git, gitServerMissing, startGitServer, type GitHttpServer } from "../support/git-http-server.ts";
import { refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

const missing = gitServerMissing();
const token = "the-token-of-git";
let engine: TestEngine;
let server: GitHttpServer;
let scratch: string;
let folder: string;
beforeAll(async () => {
  engine = await testEngine();
  scratch = await mkdtemp(join(tmpdir(), "fairway-git-"));
  if (missing !== undefined) return;
  server = await startGitServer(token);
  folder = await repository("work");
  git(folder, "push", "--quiet", "--mirror", server.create("shop"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  if (missing === undefined) await server[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

/** Three commits on main, an annotated tag on the second, a branch that leaves main at the first. */
async function repository(name: string): Promise<string> {
  const at = join(scratch, name);
  await mkdir(join(at, "sub"), { recursive: true });
  git(at, "init", "--quiet", "--initial-branch=main");
  for (const [index, path] of ["a.txt", "sub/b.txt", "run.sh"].entries()) {
    await writeFile(join(at, path), path, { mode: path === "run.sh" ? 0o755 : 0o644 });
    git(at, "add", ".");
    git(at, "commit", "--quiet", "-m", path);
    if (index === 0) git(at, "branch", "aside");
    if (index === 1) git(at, "tag", "-a", "v1.0.0", "-m", "annotated");
  }
  git(at, "checkout", "--quiet", "aside");
  await writeFile(join(at, "aside.txt"), "aside");
  git(at, "add", ".");
  git(at, "commit", "--quiet", "-m", "aside");
  git(at, "checkout", "--quiet", "main");
  return at;
}

let checkouts = 0;
/** The directory on the host, for git itself. */
async function exported(directory: Directory): Promise<string> {
  return directory.export(join(scratch, `checkout-${String(++checkouts)}`));
}

describe.skipIf(missing !== undefined)("a checkout", () => {
  it("is one that git finds whole and clean, with as much history as was asked for", async () => {
    await engine.with(async (dag) => {
      const main = dag.host().directory(folder).asGit().branch("main");
      for (const [depth, commits] of [
        [undefined, 1],
        [2, 2],
        [0, 3],
      ] as const) {
        const at = await exported(main.tree(depth === undefined ? {} : { depth }));
        expect(git(at, "fsck", "--strict")).toBe("");
        expect(git(at, "status", "--porcelain", "--branch")).toBe("## main");
        expect(Number(git(at, "rev-list", "--count", "HEAD"))).toBe(commits);
      }
    });
  });

  it("of a tag has no branch, and the other tags only where they are asked for", async () => {
    await engine.with(async (dag) => {
      const repo = dag.host().directory(folder).asGit();
      const tagged = await exported(repo.tag("v1.0.0").tree());
      expect(git(tagged, "rev-parse", "HEAD", "v1.0.0").split("\n")).toEqual(
        Array(2).fill(git(folder, "rev-parse", "v1.0.0^{}")),
      );
      expect(git(tagged, "for-each-ref", "refs/heads")).toBe("");
      const without = await exported(repo.head().tree());
      expect(git(without, "tag")).toBe("");
      const withTags = await exported(repo.head().tree({ includeTags: true }));
      expect(git(withTags, "for-each-ref", "--format=%(objecttype) %(refname)", "refs/tags")).toBe(
        "tag refs/tags/v1.0.0",
      );
      expect(git(withTags, "fsck")).toBe("");
    });
  });

  it("of bytes that git would write otherwise is refused, and so is one with a submodule", async () => {
    const odd = await repository("odd");
    await writeFile(join(odd, ".gitattributes"), "*.bat eol=crlf\n");
    git(odd, "add", ".");
    git(odd, "commit", "--quiet", "-m", "attributes");
    const outer = await repository("outer");
    git(outer, "update-index", "--add", "--cacheinfo", `160000,${git(folder, "rev-parse", "HEAD")},inner`);
    git(outer, "commit", "--quiet", "-m", "submodule");
    const refusals = await engine.with((dag) =>
      Promise.all(
        [odd, outer].map((at) => refusalOf(dag.host().directory(at).asGit().head().tree().entries())),
      ),
    );
    expect(refusals.map(({ message }) => message.split(":")[0])).toEqual([
      "eol=crlf of .gitattributes in a git repository",
      "the submodule inner of a git repository",
    ]);
  });
});

describe.skipIf(missing !== undefined)("a folder's repository", () => {
  it("tells changes without what is ignored", async () => {
    const at = await repository("dirty");
    await writeFile(join(at, ".gitignore"), "ignored/\n*.log\n");
    git(at, "add", ".");
    git(at, "commit", "--quiet", "-m", "ignore");
    await mkdir(join(at, "ignored"));
    for (const path of ["ignored/x", "y.log", "new.txt"]) await writeFile(join(at, path), "");
    await rm(join(at, "a.txt"));
    await engine.with(async (dag) => {
      const changes = dag.host().directory(at).asGit().uncommitted();
      expect(await changes.addedPaths()).toEqual(["new.txt"]);
      expect(await changes.removedPaths()).toEqual(["a.txt"]);
      expect(await changes.modifiedPaths()).toEqual([]);
    });
  });

  it("of a worktree is refused with the reason", async () => {
    git(folder, "worktree", "add", "--quiet", join(scratch, "tree"), "aside");
    const error = await refusalOf(
      engine.with((dag) => dag.host().directory(join(scratch, "tree")).asGit().branches()),
    );
    expect(error.message).toContain("is a file, as in a worktree or a submodule");
  });

  it("knows where two refs parted", async () => {
    await engine.with(async (dag) => {
      const repo = dag.host().directory(folder).asGit();
      const parted = repo.branch("main").commonAncestor(repo.branch("aside"));
      expect(await parted.commit()).toBe(git(folder, "merge-base", "main", "aside"));
      expect(await repo.ref("refs/heads/aside").commit()).toBe(git(folder, "rev-parse", "aside"));
    });
  });
});

describe.skipIf(missing !== undefined)("a server's repository", () => {
  it("is asked with the token, once for its refs, and not before somebody wants to know", async () => {
    server.requests.length = 0;
    await engine.with(async (dag) => {
      const secret = dag.setSecret("git", token);
      const repo = dag.git(server.url("shop"), { httpAuthToken: secret, httpAuthUsername: "someone" });
      await repo.branch("main").tree().id();
      expect(server.requests).toEqual([]);
      expect(await repo.branches()).toEqual(["aside", "main"]);
      expect(await repo.tag("v1.0.0").commit()).toBe(git(folder, "rev-parse", "v1.0.0^{}"));
      expect(server.requests.length).toBe(1);
      const at = await exported(repo.branch("main").tree());
      expect(git(at, "status", "--porcelain", "--branch")).toBe("## main");
      expect(git(at, "config", "remote.origin.url")).toBe(server.url("shop"));
      const parted = repo.branch("main").commonAncestor(repo.branch("aside"));
      expect(await parted.commit()).toBe(git(folder, "merge-base", "main", "aside"));
    });
  });

  it("gives a commit that no ref names, also where it takes no hashes", async () => {
    await engine.with(async (dag) => {
      const repo = dag.git(server.url("shop"), { httpAuthToken: dag.setSecret("git", token) });
      const first = git(folder, "rev-parse", "main~2");
      expect(await repo.commit(first).tree({ discardGitDir: true }).entries()).toEqual(["a.txt"]);
      const error = await refusalOf(repo.commit("0".repeat(40)).tree().entries());
      expect(error.message).toContain("failed to checkout");
    });
  });

  it("without the token is refused with what is missing, and no password is told", async () => {
    await engine.with(async (dag) => {
      const error = await refusalOf(dag.git(server.url("shop")).branches());
      expect(error.message).toContain("authentication required (401): give httpAuthToken to git()");
      const withPassword = server.url("shop").replace("://", "://me:hunter2secret@");
      const wrong = await refusalOf(dag.git(withPassword).branches());
      expect(wrong.message).toContain("authentication required");
      expect(wrong.message).not.toContain("hunter2secret");
    });
  });

  it("that is reached over SSH is refused by name, with the way that works", async () => {
    const error = await refusalOf(engine.with((dag) => dag.git("git@example.com:owner/name.git").branches()));
    expect(error.message).toContain("Query.git of an SSH address (git@example.com:owner/name.git)");
    expect(error.message).toContain("an https:// address works here too");
  });
});

describe("the refs of a repository", () => {
  const refs = (...names: string[]): Refs => {
    const all = names.map((name) => ({ name, commit: "1".repeat(40), oid: "1".repeat(40) }));
    return { all, head: null };
  };

  it("have the latest version by number, with a release after its candidates", () => {
    const tags = [
      "v1.9.0",
      "v1.10.0-rc.2",
      "v1.10.0-rc.10",
      "v1.2",
      "1.11.0",
      "v1.11",
      "v1.11.0-alpha",
      "vNext",
    ];
    expect(latestVersion(refs(...tags.map((tag) => `refs/tags/${tag}`))).name).toBe("refs/tags/v1.11");
    expect(latestVersion(refs("refs/tags/v1.10.0-rc.10", "refs/tags/v1.10.0-rc.2")).name).toBe(
      "refs/tags/v1.10.0-rc.10",
    );
    expect(() => latestVersion(refs("refs/tags/1.0.0"))).toThrow("no valid semver tags found");
  });

  it("are found by a pattern from one of their slashes on", () => {
    const all = refs("refs/heads/feature/x", "refs/heads/main", "refs/heads/x");
    expect(namesBelow(all, "refs/heads/", ["x"])).toEqual(["feature/x", "x"]);
    expect(namesBelow(all, "refs/heads/", ["refs/heads/f*", "m[a-b]in"])).toEqual(["feature/x", "main"]);
    expect(namesBelow(all, "refs/heads/", ["eature/x"])).toEqual([]);
  });

  it("are found by a short name, a tag before a branch", () => {
    expect(findRef(refs("refs/heads/one", "refs/tags/one"), "one").name).toBe("refs/tags/one");
    expect(() => findRef(refs("refs/heads/one"), "two")).toThrow('repository does not contain ref "two"');
  });
});
