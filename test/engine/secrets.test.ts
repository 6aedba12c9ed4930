import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { image, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

const canary = 'canary-7f3a "quoted" value';

let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine({ variables: { FROM_SESSION: canary } });
});
afterAll(() => engine[Symbol.asyncDispose]());

describe("a secret", () => {
  it("is in the step's environment and files, and nowhere in what it says", async () => {
    const output = await engine.with((dag) => {
      const secret = dag.setSecret("canary", canary);
      return dag
        .container()
        .from(image)
        .withSecretVariable("SECRET", secret)
        .withMountedSecret("/run/secret", secret, { mode: 0o440 })
        .withExec([
          "sh",
          "-c",
          '[ "$SECRET" = "$(cat /run/secret)" ] && echo equal; stat -c %a /run/secret; echo "is $SECRET"; cat /run/secret >&2; printf "%s" "$SECRET" | base64; printf "canary-7f3a "; sleep 0.2; printf "\\"quoted\\" value"',
        ])
        .combinedOutput();
    });
    expect(output).toContain("equal\n440\nis ***");
    expect(output).not.toContain("quoted");
    expect(output).not.toContain(Buffer.from(canary).toString("base64").slice(0, 30));
  });

  it("is not in the error of a step that fails", async () => {
    const error = await refusalOf(
      engine.with((dag) =>
        dag
          .container()
          .from(image)
          .withSecretVariable("SECRET", dag.setSecret("canary", canary))
          .withExec(["sh", "-c", `echo "$SECRET"; echo "$SECRET" >&2; : '${canary}'; exit 4`])
          .sync(),
      ),
    );
    expect(error).toMatchObject({ exitCode: 4, stdout: "***", stderr: "***" });
    expect(JSON.stringify([error.message, error.cmd, error.extensions])).not.toContain("quoted");
  });

  it("comes from the session's environment, not from this process's", async () => {
    await engine.with(async (dag) => {
      expect(await dag.secret("env://FROM_SESSION").plaintext()).toBe(canary);
      expect((await refusalOf(dag.secret("env://PATH").plaintext())).message).toContain(
        "secret env var not found",
      );
    });
  });

  it("does not run a step again by its value, but by its name", async () => {
    const output = (name: string, value: string) =>
      engine.with((dag) =>
        dag
          .container()
          .from(image)
          .withSecretVariable("S", dag.setSecret(name, value))
          .withExec(["sh", "-c", "head -c 8 /dev/urandom | od -An -tx1"])
          .stdout(),
      );
    const first = await output("name-a", "value-one");
    expect(await output("name-a", "value-two")).toBe(first);
    expect(await output("name-b", "value-one")).not.toBe(first);
  });

  it("is neither in the events nor in the cache", async () => {
    const forms = [
      canary,
      JSON.stringify(canary).slice(1, -1),
      encodeURIComponent(canary),
      Buffer.from(canary).toString("base64").slice(0, 30),
    ];
    const told = JSON.stringify(engine.events);
    for (const form of forms) expect(told).not.toContain(form);
    for (const item of await readdir(engine.cache, { recursive: true, withFileTypes: true })) {
      if (!item.isFile() || item.name.endsWith(".node")) continue;
      const path = join(item.parentPath, item.name);
      if (/usr\/local|\/usr\//.test(path)) continue;
      const text = await readFile(path, "latin1").catch(() => "");
      for (const form of forms) expect(text.includes(form), path).toBe(false);
    }
  });

  it("leaves no file in memory behind", async () => {
    const left = (await readdir("/dev/shm")).filter((name) =>
      name.startsWith(`fairway-secrets.${String(process.pid)}.`),
    );
    const files = await Promise.all(left.map((name) => readdir(join("/dev/shm", name)).catch(() => [])));
    expect(files.flat()).toEqual([]);
  });
});
