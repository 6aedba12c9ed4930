import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SandboxStartError } from "../../../src/host/sandbox/sandbox.ts";
import { Bench, isRoot } from "./fixture.ts";

describe("a step in a sandbox", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open();
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  test("this machine runs one", async () => {
    expect(await bench.sandbox.support()).toEqual({ kind: isRoot ? "root" : "user-namespace" });
  });

  test("has its output by stream, and its exit code", async () => {
    expect(await bench.sh("echo out; echo err >&2; exit 3")).toEqual({
      exitCode: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  test("that a signal ends has 128 and the signal's number, and no word of a shell of ours", async () => {
    expect(await bench.sh("kill -9 $$")).toEqual({ exitCode: 137, stdout: "", stderr: "" });
    expect(await bench.sh("kill -SEGV $$")).toEqual({ exitCode: 139, stdout: "", stderr: "" });
  });

  test("gets its arguments as they are", async () => {
    const args = ["a b", "$HOME", "*", "'q'", '"', "a;b", "", "ž\n\t", "\\n"];
    const { stdout } = await bench.run(["printf", "<%s>", ...args]);
    expect(stdout).toBe(args.map((argument) => `<${argument}>`).join(""));
  });

  test("keeps two megabytes of output whole", async () => {
    const { stdout } = await bench.sh("head -c 2000000 /dev/zero | tr '\\0' x");
    expect(stdout.length).toBe(2_000_000);
  });

  test("can open its output streams anew", async () => {
    const { stdout, stderr } = await bench.sh(
      "echo a > /dev/stdout; echo b > /dev/stderr; echo c | tee /dev/stderr",
    );
    expect([stdout, stderr]).toEqual(["a\nc\n", "b\nc\n"]);
  });

  test("reads its input, also a megabyte of it, and its end", async () => {
    expect((await bench.run(["cat"], { stdin: "one\ntwo" })).stdout).toBe("one\ntwo");
    expect((await bench.run(["wc", "-c"], { stdin: new Uint8Array(1_000_000) })).stdout.trim()).toBe(
      "1000000",
    );
    expect((await bench.run(["cat", "/dev/stdin"], { stdin: "again" })).stdout).toBe("again");
    expect((await bench.run(["cat"])).stdout).toBe("");
    expect((await bench.run(["true"], { stdin: new Uint8Array(1_000_000) })).exitCode).toBe(0);
  });

  test("has the variables that it was given, whatever is in them", async () => {
    const variables = {
      ...bench.standIn.variables,
      QUOTE: `it's "$x" \`y\``,
      LINES: "a\nb",
      "with.dot-and-dash": "odd",
      UID: "7",
      found: "1",
    };
    const { stdout } = await bench.run(["env", "-0"], { variables });
    const seen = Object.fromEntries(
      stdout.split("\0").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    expect(seen).toMatchObject(variables);
    expect(seen["HOME"]).toBe("/root");
  });

  test("is found in the PATH of its own variables", async () => {
    const own = await bench.layer("mkdir /own; printf '#!/bin/sh\\necho mine' > /own/ls; chmod 755 /own/ls");
    const variables = { PATH: `/own:${bench.standIn.variables["PATH"]!}` };
    expect((await bench.run(["ls"], { stack: [own], variables })).stdout).toBe("mine\n");
  });

  test("that is not there, or cannot be run, is exit code 1 in the words of the real engine", async () => {
    expect(await bench.run(["no-such-program", "x"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: 'exec: "no-such-program": executable file not found in $PATH\n',
    });
    expect((await bench.run(["/no/such/program"])).stderr).toBe(
      "fork/exec /no/such/program: no such file or directory\n",
    );
    expect((await bench.run(["/etc"])).stderr).toBe("fork/exec /etc: permission denied\n");
    expect((await bench.run(["/etc/passwd"])).stderr).toBe("fork/exec /etc/passwd: permission denied\n");
    expect((await bench.run([""])).stderr).toBe("fork/exec : no such file or directory\n");
  });

  test("runs in its working directory, which is made when it is missing", async () => {
    expect((await bench.sh("pwd; stat -c '%a %u %g' .", { workdir: "/made/for it" })).stdout).toBe(
      "/made/for it\n755 0 0\n",
    );
  });

  test("of an unknown user or group does not start", async () => {
    await expect(bench.run(["id"], { user: "nosuchuser" })).rejects.toThrow(
      new SandboxStartError("unable to find user nosuchuser: no matching entries in passwd file"),
    );
    await expect(bench.run(["id"], { user: "root:nosuchgroup" })).rejects.toBeInstanceOf(SandboxStartError);
  });

  test.runIf(isRoot)(
    "runs as the user that it is given, with that user's home and no capabilities",
    async () => {
      const id = "id -u; id -g; echo $HOME; grep CapEff /proc/self/status; pwd; stat -c '%u %g' .";
      const none = "CapEff:\t0000000000000000";
      expect((await bench.sh(id, { user: "nobody", workdir: "/w" })).stdout.split("\n").slice(0, 6)).toEqual([
        "65534",
        "65534",
        "/nonexistent",
        none,
        "/w",
        "65534 65534",
      ]);
      expect((await bench.sh(id, { user: "1234", workdir: "/w" })).stdout.split("\n").slice(0, 6)).toEqual([
        "1234",
        "0",
        "/",
        none,
        "/w",
        "1234 0",
      ]);
      expect((await bench.sh("id -u; id -g", { user: "1234:5678" })).stdout).toBe("1234\n5678\n");
      expect((await bench.sh("id -u; id -g", { user: "root:games" })).stdout).toBe("0\n60\n");
      expect((await bench.sh("echo x > /dev/stderr", { user: "1234" })).stderr).toBe("x\n");
    },
  );

  test.runIf(!isRoot)("of another user stays its namespace's root, and that is said once", async () => {
    expect((await bench.sh("id -u; echo $HOME", { user: "nobody" })).stdout).toBe("0\n/nonexistent\n");
    await bench.sh("true", { user: "nobody" });
    expect(bench.notes.filter((note) => note.includes("USER nobody cannot be honoured"))).toHaveLength(1);
  });

  test("has /proc, /dev, /tmp and an empty /dev/shm", async () => {
    const { stdout, stderr } = await bench.sh(
      "echo x >/dev/null; head -c 3 /dev/zero | wc -c; head -c 2 /dev/urandom | wc -c; test -d /proc/self && echo proc; stat -c %a /tmp; ls /dev/shm | wc -l; echo z > /dev/shm/z && cat /dev/shm/z; ls -d /dev/fd/0; umask",
    );
    expect([stdout, stderr]).toEqual(["3\n2\nproc\n1777\n0\nz\n/dev/fd/0\n0022\n", ""]);
  });

  test("resolves the names that it was given, and localhost", async () => {
    const { stdout } = await bench.sh("cat /etc/hosts", {
      hosts: { db: "127.77.1.2", "api.internal": "127.77.1.3" },
    });
    expect(stdout).toMatch(/^127\.0\.0\.1 localhost$/m);
    expect(stdout).toMatch(/^127\.77\.1\.2 db$/m);
    expect(stdout).toMatch(/^127\.77\.1\.3 api\.internal$/m);
  });

  test("starts beside others: forty of them share no lock", async () => {
    const running = Array.from({ length: 40 }, (_, index) => bench.sh(`sleep 0.2; echo ${String(index)}`));
    const began = performance.now();
    expect((await Promise.all(running)).map(({ stdout }) => Number(stdout))).toEqual([...running.keys()]);
    // One after the other they would sleep for eight seconds.
    expect(performance.now() - began).toBeLessThan(7500);
  });

  test("that is aborted ends with all that it started, and says the reason", async () => {
    const abort = new AbortController();
    const marker = `sleep 98.${String(process.pid)}`;
    const running = bench.sh(`${marker} & (trap '' TERM; ${marker}) & echo up; wait`, {
      signal: abort.signal,
      onOutput: () => {
        abort.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
    expect(await processesNamed(`98.${String(process.pid)}`)).toEqual([]);
    await expect(bench.sh("true", { signal: abort.signal })).rejects.toThrow("enough");
  });

  test("leaves no process behind that it did not wait for", async () => {
    const marker = `97.${String(process.pid)}`;
    expect((await bench.sh(`sleep ${marker} >/dev/null 2>&1 & echo done`)).stdout).toBe("done\n");
    expect(await processesNamed(marker)).toEqual([]);
  });

  test("leaves nothing in the store: no draft, no scratch but the pipes, no change without an upper directory", async () => {
    await bench.sh("echo x > /made; mkdir -p /usr/local/y; rm -f /etc/passwd");
    expect(await bench.sh("test ! -e /made && test ! -e /usr/local/y && test -e /etc/passwd")).toMatchObject({
      exitCode: 0,
    });
    expect(await readdir(`${bench.store.root}/drafts`)).toEqual([]);
    expect(await readdir(`${bench.store.root}/scratch`)).toHaveLength(1);
  });
});

async function processesNamed(text: string): Promise<string[]> {
  const { readFile } = await import("node:fs/promises");
  const found: string[] = [];
  for (const id of await readdir("/proc")) {
    if (!/^\d+$/.test(id)) continue;
    const line = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
    if (line.includes(text)) found.push(line);
  }
  return found;
}
