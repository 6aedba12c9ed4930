import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openGitRemote, type GitRemote } from "../../../src/providers/git/git.ts";
import { git, gitServerMissing, startGitServer, type GitHttpServer } from "../../support/git-http-server.ts";

const missing = gitServerMissing();
const token = "canary-of-the-token";
const { signal } = new AbortController();

describe("a git repository over https", () => {
  let server: GitHttpServer;
  let bare: string;
  let directory: string;

  beforeEach(async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    server = await startGitServer(token);
    bare = server.create("manifests");
    directory = await mkdtemp(join(tmpdir(), "fairway-git-"));
    git(directory, "clone", "--quiet", bare, ".");
    await writeFile(join(directory, "first.yaml"), "a: 1\n");
    await byHand("first");
  });

  afterEach(async () => {
    if (missing !== undefined) return;
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  /** Commits what is in the clone and pushes it. */
  async function byHand(message: string): Promise<string> {
    git(directory, "add", "--all");
    git(directory, "commit", "--quiet", "--message", message);
    git(directory, "push", "--quiet", "origin", "HEAD:main");
    return git(directory, "rev-parse", "HEAD");
  }

  const open = (fields: Partial<Parameters<typeof openGitRemote>[0]> = {}) =>
    openGitRemote({
      url: server.url("manifests"),
      ref: "refs/heads/main",
      token,
      tokenAt: "the value GIT_TOKEN in --secrets",
      depth: 3,
      ...fields,
    });

  const written = (remote: GitRemote, parent: string, files: Record<string, string>) =>
    remote.objects.write({
      parent,
      files,
      message: "A change\n",
      author: { name: "Fairway", email: "fairway@localhost" },
      at: new Date("2026-03-02T09:00:00Z"),
    });

  const fetched = async (remote: GitRemote) => (await remote.fetch(signal)) ?? "nothing";
  const pushes = () => server.requests.filter(({ path }) => path.endsWith("/git-receive-pack")).length;

  it("is read and written on top of, and git itself finds nothing wrong with it", async () => {
    for (const count of [2, 3, 4, 5]) {
      await writeFile(join(directory, "first.yaml"), `a: ${count}\n`);
      await byHand(`change ${count}`);
    }
    const remote = await open();
    const head = await fetched(remote);
    expect((await remote.objects.file(head, "first.yaml"))?.toString()).toBe("a: 5\n");
    expect(await remote.objects.file(head, "none.yaml")).toBeNull();
    const commit = await written(remote, head, { "a/b/new.yaml": "b: 1\n", "first.yaml": "a: 6\n" });
    expect(await remote.push(commit, head, signal)).toEqual({ kind: "done" });
    expect(git(bare, "rev-parse", "main")).toBe(commit);
    expect(git(bare, "show", "--format=%an <%ae> %s", "--name-status", "main")).toBe(
      "Fairway <fairway@localhost> A change\n\nA\ta/b/new.yaml\nM\tfirst.yaml",
    );
    expect(git(bare, "fsck", "--strict")).toBe("");
    expect(await fetched(remote)).toBe(commit);
  });

  it("keeps who may execute a file, and what stands beside it", async () => {
    await writeFile(join(directory, "run.sh"), "echo\n", { mode: 0o755 });
    await byHand("a script");
    const remote = await open();
    const head = await fetched(remote);
    await remote.push(await written(remote, head, { "run.sh": "echo hello\n" }), head, signal);
    expect(git(bare, "ls-tree", "main", "--format=%(objectmode) %(path)")).toBe(
      "100644 first.yaml\n100755 run.sh",
    );
  });

  it("is pushed to only where it still is what was read", async () => {
    const remote = await open();
    const head = await fetched(remote);
    const commit = await written(remote, head, { "first.yaml": "a: 2\n" });
    await writeFile(join(directory, "second.yaml"), "b: 1\n");
    const other = await byHand("somebody else");
    expect(await remote.push(commit, head, signal)).toEqual({ kind: "moved" });
    expect(pushes()).toBe(0);
    expect(await fetched(remote)).toBe(other);
    expect(await remote.objects.commit(other)).toMatchObject({
      parents: [head],
      author: "Grace <grace@example.com>",
    });
  });

  it("takes one of two that push in the same moment", async () => {
    const remotes = await Promise.all([open(), open(), open()]);
    const outcomes = await Promise.all(
      remotes.map(async (remote, index) => {
        const head = await fetched(remote);
        return remote.push(await written(remote, head, { "first.yaml": `a: ${index}0\n` }), head, signal);
      }),
    );
    expect(outcomes.filter(({ kind }) => kind === "done")).toHaveLength(1);
    expect(git(bare, "rev-list", "--count", "main")).toBe("2");
  });

  it("says in the server's words why it refuses", async () => {
    await writeFile(join(bare, "hooks", "update"), "#!/bin/sh\necho 'main is protected' >&2\nexit 1\n", {
      mode: 0o755,
    });
    const remote = await open();
    const head = await fetched(remote);
    const commit = await written(remote, head, { "first.yaml": "a: 2\n" });
    expect(await remote.push(commit, head, signal)).toEqual({
      kind: "refused",
      words: "hook declined",
      output: "main is protected\nerror: hook declined to update refs/heads/main",
    });
  });

  it.each([
    ["cut before", 1],
    ["cut while sending", 1],
    ["cut after", 2],
    [502, 1],
  ] as const)("does not know what became of a push that is %s", async (fate, commits) => {
    const remote = await open();
    const head = await fetched(remote);
    const commit = await written(remote, head, { "first.yaml": "a: 2\n" });
    server.fate = ({ path }) => (path.endsWith("/git-receive-pack") ? fate : "answer");
    expect(await remote.push(commit, head, signal)).toMatchObject({ kind: "unknown" });
    expect(git(bare, "rev-list", "--count", "main")).toBe(String(commits));
    server.fate = () => "answer";
    expect(await fetched(remote)).toBe(commits === 2 ? commit : head);
  });

  it("has no ref, or is empty", async () => {
    expect(await (await open({ ref: "refs/heads/none" })).fetch(signal)).toBeNull();
    server.create("empty");
    expect(await (await open({ url: server.url("empty") })).fetch(signal)).toBeNull();
  });

  it("follows a branch that was rewritten, or is gone", async () => {
    const remote = await open();
    const first = await fetched(remote);
    git(directory, "commit", "--quiet", "--amend", "--message", "rewritten");
    git(directory, "push", "--quiet", "--force", "origin", "HEAD:main");
    const second = await fetched(remote);
    expect(second).not.toBe(first);
    expect((await remote.objects.commit(second)).message).toBe("rewritten\n");
    git(bare, "update-ref", "-d", "refs/heads/main");
    expect(await remote.fetch(signal)).toBeNull();
  });

  it("whose token is wrong says which to look at, and never the token", async () => {
    const remote = await open({ token: "canary-of-another" });
    const error = await remote.fetch(signal).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "GIT_UNAUTHORIZED",
      exitCode: 1,
      place: server.url("manifests"),
      remedy: expect.stringContaining("the value GIT_TOKEN in --secrets") as string,
    });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain("canary");
    await expect((await open({ url: server.url("none") })).fetch(signal)).rejects.toMatchObject({
      code: "GIT_NOT_FOUND",
    });
  });

  it("that has moved is not followed: the token goes to no other address", async () => {
    const asked: unknown[] = [];
    const elsewhere = await listening((request, response) => {
      asked.push(request.headers);
      response.writeHead(200).end();
    });
    const moved = await listening((request, response) => {
      response.writeHead(301, { location: `http://localhost:${elsewhere}${String(request.url)}` }).end();
    });
    const url = `http://127.0.0.1:${moved}/shop.git`;
    await expect((await open({ url })).fetch(signal)).rejects.toMatchObject({
      code: "GIT_MOVED",
      message: `the repository is at http://localhost:${elsewhere}/shop.git now`,
    });
    expect(asked).toEqual([]);
  });

  it("stops asking when it is told to", async () => {
    const remote = await open();
    const reason = new Error("enough");
    await expect(remote.fetch(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

/** Answers the port. */
async function listening(listener: RequestListener): Promise<number> {
  const http = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => void http.close());
  await once(http, "listening");
  return (http.address() as { port: number }).port;
}

it.each([
  ["git@github.com:acme/shop.git", "ssh needs keys"],
  ["ssh://git@host/acme/shop", "ssh needs keys"],
  ["acme/shop", "begins with https://"],
  ["ftp://host/shop", "begins with https://"],
  ["https://ada:canary@host/shop", "no user name or token in it"],
])("the address %s is refused with what to write instead", async (url, words) => {
  const opened = openGitRemote({ url, ref: "refs/heads/main", token: null, tokenAt: "TOKEN", depth: 1 });
  const error = (await opened.catch((caught: unknown) => caught)) as Error & { place: string };
  expect(error).toMatchObject({ code: "GIT_URL", exitCode: 2 });
  expect(error.message).toContain(words);
  expect(`${error.message} ${error.place}`).not.toContain("canary");
});
