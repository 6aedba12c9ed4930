import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/model/clock.ts";
import { firstBrokenEvent } from "../../../src/model/event-chain.ts";
import type { Ledger } from "../../../src/model/ledger.ts";
import { environmentState } from "../../../src/release/state.ts";
import { verifyLedger } from "../../../src/release/verify/verify.ts";
import { openGitLedger, type GitLedgerOptions } from "../../../src/providers/ledgers/git/git.ts";
import {
  git as runGit,
  gitServerMissing,
  startGitServer,
  type GitHttpServer,
  type GitRequest,
  type RequestFate,
} from "../../support/git-http-server.ts";
import { virtualClock } from "../../../src/testing/testing.ts";
import { granted, ledgerContract, note } from "./contract.ts";

const missing = gitServerMissing();
const token = "the-token-of-git";
let server: GitHttpServer;
let directory: string;
let repositories = 0;

beforeAll(async () => {
  if (missing !== undefined) return;
  server = await startGitServer(token);
  directory = await mkdtemp(join(tmpdir(), "fairway-ledger-git-"));
});

afterAll(async () => {
  if (missing !== undefined) return;
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

interface Repository {
  readonly name: string;
  readonly path: string;
}

function newRepository(config?: Readonly<Record<string, string>>): Repository {
  repositories += 1;
  const name = `ledger-${String(repositories)}`;
  return { name, path: server.create(name, config) };
}

/** Each handle with a cache of its own, as on a machine of its own. */
async function open({ name }: Repository, options: Partial<GitLedgerOptions> = {}): Promise<Ledger> {
  return openGitLedger({
    url: server.url(name),
    token,
    clock: systemClock,
    directory: await mkdtemp(join(directory, "machine-")),
    ...options,
  });
}

function git({ path }: Repository, ...args: readonly string[]): string {
  return runGit(path, ...args);
}

const isPush = ({ path }: GitRequest) => path.endsWith("/git-receive-pack");
const linesSince = (count: number) =>
  server.requests.slice(count).map(({ method, path }) => `${method} ${path}`);

const ask = { environment: "local", holder: "ada@laptop", purpose: "deploy of v1", ttlSeconds: 30 };

ledgerContract(
  "git",
  async () => {
    const repository = newRepository();
    // It stands still: two machines may append the same in the same millisecond.
    const clock = virtualClock();
    return {
      open: () => open(repository, { clock }),
      elapse: async (seconds) => {
        server.aheadSeconds = (server.aheadSeconds ?? 0) + seconds;
      },
      remove: () => rm(repository.path, { recursive: true }),
    };
  },
  { writers: 4, missing },
);

describe("the git ledger", () => {
  beforeEach((context) => {
    if (missing !== undefined) context.skip(missing);
    server.fate = () => "answer";
    server.aheadSeconds = 0;
  });

  it("is a line of commits without files that people can read with git", async () => {
    const repository = newRepository();
    const ledger = await open(repository);
    await ledger.append(note);
    await ledger.append({ ...note, environment: "staging", type: "deployment-started" });
    expect(git(repository, "log", "--format=%an: %s", "refs/fairway/ledger").split("\n")).toEqual([
      "ada@laptop: staging: deployment-started by ada@laptop (2)",
      "ada@laptop: local: note by ada@laptop (1)",
    ]);
    expect(git(repository, "ls-tree", "refs/fairway/ledger")).toBe("");
    expect(git(repository, "for-each-ref", "--format=%(refname)")).toBe("refs/fairway/ledger");
    expect(git(repository, "fsck", "--strict")).toBe("");
    const [, , json = ""] = git(repository, "log", "-1", "--format=%B", "refs/fairway/ledger").split("\n");
    expect([JSON.parse(json)]).toEqual(await ledger.read({ environment: "staging" }));
  });

  it("uses the ref that it is given, also a branch", async () => {
    const repository = newRepository();
    const ledger = await open(repository, { ref: "refs/heads/fairway-ledger" });
    const lease = granted(await ledger.acquire(ask));
    await ledger.renew(lease, 30);
    expect(git(repository, "for-each-ref", "--format=%(refname)").split("\n")).toEqual([
      "refs/heads/fairway-ledger",
      "refs/heads/fairway-ledger-leases/local",
    ]);
    expect((await (await open(repository, { ref: "refs/heads/fairway-ledger" })).read())[0]?.type).toBe(
      "lease-acquired",
    );
  });

  it("adds no event when a lease is renewed", async () => {
    const repository = newRepository();
    const ledger = await open(repository);
    const lease = granted(await ledger.acquire(ask));
    for (let count = 0; count < 3; count += 1) await ledger.renew(lease, 30);
    await ledger.release(lease);
    expect((await ledger.read()).map(({ type }) => type)).toEqual(["lease-acquired", "lease-released"]);
    expect(git(repository, "rev-list", "--count", "refs/fairway/leases/local")).toBe("1");
  });

  it("has leases in its line that say nothing to those who read what happened", async () => {
    const ledger = await open(newRepository());
    const lease = granted(await ledger.acquire(ask));
    const stopped = await ledger.append({ ...note, type: "environment-stopped" }, lease);
    await ledger.release(lease);
    const events = await ledger.read();
    expect(events.map(({ type }) => type)).toEqual([
      "lease-acquired",
      "environment-stopped",
      "lease-released",
    ]);
    const { sequence, hash } = stopped;
    expect(environmentState("local", events)).toEqual(environmentState("local", [stopped]));
    expect(environmentState("local", events).lastChange).toEqual({ sequence, hash });
    expect(verifyLedger(events).findings).toEqual([]);
  });

  it("renews a lease also where no branch may be overwritten", async () => {
    const repository = newRepository({ "receive.denyNonFastForwards": "true" });
    const branch = { ref: "refs/heads/fairway-ledger" };
    const ledger = await open(repository, branch);
    const lease = granted(await ledger.acquire(ask));
    let renewed = lease;
    for (const seconds of [1, 2, 3]) {
      server.aheadSeconds = seconds;
      renewed = await ledger.renew(lease, 60);
    }
    expect(await (await open(repository, branch)).holder("local")).toEqual(renewed);
    expect(git(repository, "rev-list", "--count", "refs/heads/fairway-ledger-leases/local")).toBe("3");
  });

  it.each<RequestFate>(["cut after", "late", 500])(
    "writes an event once when its push ends with: %s",
    async (fate) => {
      const repository = newRepository();
      const ledger = await open(repository);
      await ledger.append(note);
      let faults = 0;
      server.fate = (request) => {
        if (!isPush(request) || faults >= 2) return "answer";
        faults += 1;
        return fate;
      };
      const lease = granted(await ledger.acquire(ask));
      await ledger.append({ ...note, payload: { index: 1 } }, lease);
      await ledger.append({ ...note, payload: { index: 2 } }, lease);
      expect(faults).toBe(2);
      const events = await (await open(repository)).read();
      expect(firstBrokenEvent(events)).toBeNull();
      expect(events.map(({ type }) => type)).toEqual(["note", "lease-acquired", "note", "note"]);
    },
  );

  it("gives a lease to the one whose push arrived, though its answer was lost and the lease seems taken", async () => {
    const repository = newRepository();
    const ledger = await open(repository);
    let faults = 0;
    server.fate = (request) => (isPush(request) && faults++ === 0 ? "cut after" : "answer");
    expect(granted(await ledger.acquire(ask)).fencingToken).toBe(1);
    expect(await ledger.read()).toHaveLength(1);
  });

  it("waits for a server that is restarted", async () => {
    const repository = newRepository();
    const ledger = await open(repository);
    await ledger.append(note);
    await server.stop();
    const appended = ledger.append(note);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.start();
    expect((await appended).sequence).toBe(2);
    expect(await ledger.read()).toHaveLength(2);
  });

  it("fetches only what it does not have", async () => {
    const repository = newRepository();
    const [writer, reader] = [await open(repository), await open(repository)];
    for (let count = 0; count < 3; count += 1) await writer.append(note);
    expect(await reader.read()).toHaveLength(3);
    const from = server.requests.length;
    expect(await reader.read()).toHaveLength(3);
    expect(linesSince(from).filter((line) => line.startsWith("POST"))).toHaveLength(1);
    await writer.append(note);
    expect(await reader.read()).toHaveLength(4);
  });

  it("keeps what it has seen in a directory that may be shared, damaged or deleted", async () => {
    const repository = newRepository();
    const shared = await mkdtemp(join(directory, "shared-"));
    const handles = await Promise.all([1, 2, 3].map(() => open(repository, { directory: shared })));
    for (const ledger of handles) {
      await ledger.append(note);
      await ledger.read();
    }
    for (const ledger of handles) expect(await ledger.read()).toHaveLength(3);
    const [file = ""] = await readdir(shared);
    const kept = await readFile(join(shared, file), "utf8");
    for (const damaged of [
      "",
      kept.slice(0, -200),
      kept.slice(300),
      kept.replaceAll("ada@", "eve@"),
      "{}\n[1]",
    ]) {
      await writeFile(join(shared, file), damaged);
      const ledger = await open(repository, { directory: shared });
      const events = await ledger.read();
      expect(events).toHaveLength(3);
      expect(firstBrokenEvent(events)).toBeNull();
    }
    await writeFile(join(shared, file), kept.repeat(50));
    expect(await (await open(repository, { directory: shared })).read()).toHaveLength(3);
    expect((await readFile(join(shared, file), "utf8")).trim().split("\n")).toHaveLength(3);
    await rm(shared, { recursive: true });
    expect(await handles[0]!.read()).toHaveLength(3);
    await handles[0]!.append(note);
    expect(await handles[1]!.read()).toHaveLength(4);
    const warm = server.requests.length;
    await (await open(repository, { directory: shared })).close();
    const since = linesSince(warm).filter((line) => line.startsWith("POST"));
    expect(since.length).toBeLessThanOrEqual(2);
  });

  it("refuses a ledger that was rewritten, and leaves it as it is", async () => {
    const repository = newRepository();
    const own = await mkdtemp(join(directory, "machine-"));
    const ledger = await open(repository, { directory: own });
    for (let count = 0; count < 3; count += 1) await ledger.append(note);
    const tip = git(repository, "rev-parse", "refs/fairway/ledger");

    const expectRefusal = async (now: string | null, look: () => Promise<unknown>) => {
      const message = expect.stringContaining(now ?? "it is gone");
      const refusal = { code: "LEDGER_REWRITTEN", message };
      await expect(look()).rejects.toMatchObject(refusal);
      expect(git(repository, "for-each-ref", "--format=%(objectname)")).toBe(now ?? "");
    };
    git(repository, "update-ref", "refs/fairway/ledger", `${tip}~1`);
    await expectRefusal(git(repository, "rev-parse", `${tip}~1`), () => ledger.append(note));
    const other = git(repository, "commit-tree", "-p", `${tip}~2`, "-m", "other", `${tip}^{tree}`);
    git(repository, "update-ref", "refs/fairway/ledger", other);
    await expectRefusal(other, () => ledger.append(note));
    await expectRefusal(other, () => ledger.read());
    await expectRefusal(other, () => ledger.acquire(ask));
    git(repository, "update-ref", "-d", "refs/fairway/ledger");
    await expectRefusal(null, () => open(repository, { directory: own }));
    git(repository, "update-ref", "refs/fairway/ledger", tip);
    expect(await ledger.read()).toHaveLength(3);
  });

  it("names the commit that is no event", async () => {
    const repository = newRepository();
    const ledger = await open(repository);
    await ledger.append(note);
    const tip = git(repository, "rev-parse", "refs/fairway/ledger");
    const stranger = git(repository, "commit-tree", "-p", tip, "-m", "hello", `${tip}^{tree}`);
    git(repository, "update-ref", "refs/fairway/ledger", stranger);
    const refusal = { code: "LEDGER_UNREADABLE", message: expect.stringContaining(stranger) };
    await expect(ledger.read()).rejects.toMatchObject(refusal);
    await expect(ledger.append(note)).rejects.toMatchObject(refusal);
    await expect(open(repository)).rejects.toMatchObject(refusal);
  });

  it("shows which event somebody changed who made all commits anew", async () => {
    const repository = newRepository();
    const ledger = await open(repository);
    for (let count = 0; count < 3; count += 1) await ledger.append({ ...note, payload: { count } });
    const commits = git(repository, "rev-list", "--reverse", "refs/fairway/ledger").split("\n");
    let parent: string[] = [];
    for (const commit of commits) {
      const message = git(repository, "log", "-1", "--format=%B", commit).replace('"count":1', '"count":7');
      const made = git(repository, "commit-tree", ...parent, "-m", message, `${commit}^{tree}`);
      parent = ["-p", made];
    }
    git(repository, "update-ref", "refs/fairway/ledger", parent[1]!);
    await expect(ledger.read()).rejects.toMatchObject({ code: "LEDGER_REWRITTEN" });
    // A machine that never saw the ledger before has the hashes of the events.
    expect(firstBrokenEvent(await (await open(repository)).read())?.sequence).toBe(2);
  });

  it("takes the time of leases from the remote, whatever the machines' clocks say", async () => {
    const repository = newRepository();
    const clock = (aheadMs: number) => ({ ...systemClock, now: () => new Date(Date.now() + aheadMs) });
    const early = await open(repository, { clock: clock(-3_600_000) });
    const late = await open(repository, { clock: clock(3_600_000) });
    const other = { ...ask, holder: "grace@ci" };
    const lease = granted(await early.acquire(ask));
    expect(await late.acquire(other)).toMatchObject({ granted: false });
    server.aheadSeconds = 20;
    await early.renew(lease, 30);
    server.aheadSeconds = 40;
    expect(await late.acquire(other)).toMatchObject({ granted: false });
    server.aheadSeconds = 51;
    expect(granted(await late.acquire(other)).fencingToken).toBe(2);
  });

  it("takes its own time where the remote tells none, and grants what a clock that went back has written", async () => {
    server.aheadSeconds = null;
    const repository = newRepository();
    const clock = (time: string) => ({ ...systemClock, now: () => new Date(time) });
    await (await open(repository, { clock: clock("2026-03-02T10:00:00Z") })).acquire(ask);
    const soon = await open(repository, { clock: clock("2026-03-02T10:00:20Z") });
    expect(await soon.acquire(ask)).toMatchObject({ granted: false });
    const back = await open(repository, { clock: clock("2026-03-02T09:00:00Z") });
    expect(granted(await back.acquire(ask)).fencingToken).toBe(2);
  });

  describe("a holder that is paused while its push is on the way", () => {
    /** Holds back the first push after this until `work` is done. */
    const duringNextPush = (work: () => Promise<unknown>) => {
      let held = false;
      server.fate = async (request): Promise<RequestFate> => {
        if (!held && isPush(request)) {
          held = true;
          await work();
        }
        return "answer";
      };
    };
    const other = { ...ask, holder: "grace@ci", purpose: "deploy of v2" };

    it("appends nothing when its lease is taken meanwhile", async () => {
      const repository = newRepository();
      const [paused, taker] = [await open(repository), await open(repository)];
      const stale = granted(await paused.acquire(ask));
      server.aheadSeconds = 31;
      duringNextPush(async () => granted(await taker.acquire(other)));
      await expect(paused.append(note, stale)).rejects.toMatchObject({
        code: "LEASE_LOST",
        message: expect.stringContaining("grace@ci has taken over local (deploy of v2)"),
      });
      expect((await taker.read()).map(({ type }) => type)).toEqual(["lease-acquired", "lease-acquired"]);
    });

    it("does not touch the new lease with a renewal that arrives late", async () => {
      const repository = newRepository();
      const [paused, taker] = [await open(repository), await open(repository)];
      const stale = granted(await paused.acquire(ask));
      server.aheadSeconds = 31;
      let lease = stale;
      duringNextPush(async () => {
        lease = granted(await taker.acquire(other));
      });
      // It was sent while the lease was its own.
      await paused.renew(stale, 55);
      expect(git(repository, "log", "-1", "--format=%s", "refs/fairway/leases/local")).toContain(
        "ada@laptop",
      );
      expect(lease).toMatchObject({ holder: "grace@ci", fencingToken: 2 });
      expect(await taker.holder("local")).toEqual(lease);
      await expect(paused.append(note, stale)).rejects.toMatchObject({ code: "LEASE_LOST" });
      await expect(paused.renew(stale, 30)).rejects.toMatchObject({ code: "LEASE_LOST" });
      const renewed = await taker.renew(lease, 30);
      expect(await (await open(repository)).holder("local")).toEqual(renewed);
      await taker.append(note, lease);
    });
  });

  it("gives the token to the server, and to nobody else", async () => {
    const repository = newRepository();
    await (await open(repository)).append(note);
    const wrong = await open(repository, {
      token: "another-secret",
      tokenAt: "the value LEDGER_TOKEN in --secrets",
    }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({
      code: "GIT_UNAUTHORIZED",
      exitCode: 1,
      place: server.url(repository.name),
      remedy: expect.stringContaining("LEDGER_TOKEN"),
    });
    expect(String(wrong) + JSON.stringify(wrong)).not.toContain("another-secret");
    const url = server.url(repository.name).replace("//", `//ci:${token}@`);
    await (await open(repository, { url })).append(note);
    server.fate = () => 403;
    const refused = await open(repository, { url }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "GIT_DENIED", place: server.url(repository.name) });
    expect(String(refused) + JSON.stringify(refused)).not.toContain(token);
  });

  it("says why a push is refused, by rights and by the server's rules", async () => {
    const repository = newRepository({ "receive.hideRefs": "refs/fairway" });
    const ledger = await open(repository);
    await expect(ledger.append(note)).rejects.toMatchObject({
      code: "LEDGER_REFUSED",
      message: expect.stringContaining("hidden ref"),
      remedy: expect.stringContaining("refs/heads/fairway-ledger"),
    });
    server.fate = ({ query }) => (query.includes("receive-pack") ? 403 : "answer");
    await expect(ledger.append(note)).rejects.toMatchObject({ code: "GIT_DENIED" });
    await expect(ledger.append({ ...note, payload: Number.NaN })).rejects.toThrow("not a JSON number");
  });

  it("repeats what a hook of the server says", async () => {
    const repository = newRepository();
    const hook = "#!/bin/sh\necho 'deployments are closed until Monday' >&2\nexit 1\n";
    await writeFile(join(repository.path, "hooks/pre-receive"), hook, { mode: 0o755 });
    await expect((await open(repository)).append(note)).rejects.toMatchObject({
      code: "LEDGER_REFUSED",
      message: expect.stringMatching(/pre-receive hook declined.*closed until Monday/),
    });
  });

  it("says which remote does not answer", async () => {
    const repository = newRepository();
    const ledger = await open(repository, { patienceSeconds: 0.2 });
    await ledger.append(note);
    server.fate = () => "cut before";
    const place = `${server.url(repository.name)} refs/fairway/ledger`;
    const refusal = { code: "LEDGER_UNREACHABLE", exitCode: 1, place };
    await expect(ledger.read()).rejects.toMatchObject(refusal);
    await expect(ledger.append(note)).rejects.toMatchObject(refusal);
    server.fate = () => 503;
    await expect(open(repository, { patienceSeconds: 0.2 })).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining("503"),
    });
  });

  it("refuses addresses that it cannot use, and says which it can", async () => {
    const refusal = (url: string) => open({ name: "", path: "" }, { url }).catch((error: unknown) => error);
    const remedy = (url: string) => ({
      code: "LEDGER_URL",
      exitCode: 2,
      remedy: expect.stringContaining(`https://${url}`),
    });
    expect(await refusal("git@github.com:acme/shop.git")).toMatchObject(remedy("github.com/acme/shop.git"));
    expect(await refusal("ssh://git@git.acme.dev:2222/acme/shop.git")).toMatchObject(
      remedy("git.acme.dev/acme/shop.git"),
    );
    expect(await refusal("/srv/git/shop.git")).toMatchObject({ code: "LEDGER_URL" });
    const ref = (name: string) =>
      open({ name: "", path: "" }, { ref: name }).catch((error: unknown) => error);
    for (const name of ["main", "refs/heads", "refs/fairway/../heads/main", "refs/fairway/a b"]) {
      expect(await ref(name)).toMatchObject({ code: "LEDGER_REF", exitCode: 2 });
    }
    const page = await open({ name: "nothing-there", path: "" }).catch((error: unknown) => error);
    expect(page).toMatchObject({ code: "GIT_NOT_FOUND", exitCode: 1 });
  });
});
