import { mkdtemp, readdir, readFile, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { dag, type Client, type Container } from "@dagger.io/dagger";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../../../src/index.ts";
import { openRepository, readImage } from "../../../src/oci/oci.ts";
import {
  fakeRegistry,
  pipelineMatchers,
  scriptedEngine,
  type PipelineMatchers,
} from "../../../src/testing/testing.ts";

declare module "vitest" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface Matchers<T> extends PipelineMatchers<T> {}
}
expect.extend(pipelineMatchers);

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fairway-scripted-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const node = (client: Client): Container => client.container().from("node:24-slim").withWorkdir("/app");

describe("an answer", () => {
  it("is given for the first words of a command, a pattern, an expression or a function of the step", async () => {
    await using engine = await scriptedEngine();
    engine.on(["npm", "test"]).answers({ stdout: "12 passed\n" });
    engine.on("npm run *").answers({ stdout: "ran\n" });
    engine.on(/^echo /).answers(({ argv }) => ({ stdout: argv.slice(1).join(" ") }));
    const said = await engine.run(async (client) =>
      Promise.all([
        node(client).withExec(["npm", "test", "--", "a"]).stdout(),
        node(client).withExec(["npm", "run", "lint"]).stdout(),
        node(client).withExec(["echo", "a", "b"]).stdout(),
      ]),
    );
    expect(said).toEqual(["12 passed\n", "ran\n", "a b"]);
    engine.verify();
  });

  it("can tell steps apart by image, mounts, variables and services", async () => {
    await using engine = await scriptedEngine();
    engine.on({ line: "test", image: "node:22*" }).answers({ stdout: "22" });
    engine.on({ line: "test", mounts: ["cache:npm", "/data"] }).answers({ stdout: "mounted" });
    engine.on({ line: "test", env: ["CI"] }).answers({ stdout: "ci" });
    engine.on({ line: "test", services: ["db"] }).answers({ stdout: "db" });
    const said = await engine.run(async (client) => {
      const db = client.container().from("postgres:17").asService();
      const variants = [
        client.container().from("node:22-slim"),
        node(client)
          .withMountedCache("/npm", client.cacheVolume("npm"))
          .withMountedDirectory("/data", client.directory().withNewFile("a", "1")),
        node(client).withEnvVariable("CI", "1"),
        node(client).withServiceBinding("db", db),
      ];
      return Promise.all(variants.map((variant) => variant.withExec(["test"]).stdout()));
    });
    expect(said).toEqual(["22", "mounted", "ci", "db"]);
  });

  it("that fails is the client's ExecError, scrubbed of the step's secrets", async () => {
    await using engine = await scriptedEngine();
    engine.on(["deploy"]).answers({ exitCode: 3, stdout: "half\n", stderr: "no hunter2-hunter2\n" });
    const failed = await engine.run(async (client) => {
      const secret = client.setSecret("token", "hunter2-hunter2");
      const step = node(client).withSecretVariable("TOKEN", secret).withExec(["deploy"]);
      return step.stdout().catch((error: unknown) => error as Error);
    });
    expect(failed).toMatchObject({ code: "D109", exitCode: 3, stdout: "half", stderr: "no ***" });
  });

  it("is what comes back where a failure is expected", async () => {
    await using engine = await scriptedEngine();
    engine.on(["false"]).answers({ exitCode: 2 });
    const code = await engine.run((client) =>
      node(client)
        .withExec(["false"], { expect: "ANY" as never })
        .exitCode(),
    );
    expect(code).toBe(2);
  });

  it("leaves files: in the container, in what is mounted, and for the steps after it", async () => {
    await using engine = await scriptedEngine();
    engine.on(["build"]).answers({ files: { "dist/a.js": "a", "/src/b.js": "b" } });
    engine.on(["cat"]).answers({ stdout: "read" });
    const [own, mounted, later, names] = await engine.run(async (client) => {
      const built = node(client)
        .withMountedDirectory("/src", client.directory().withNewFile("old", "0"))
        .withExec(["build"]);
      return Promise.all([
        built.file("/app/dist/a.js").contents(),
        built.file("/src/b.js").contents(),
        built.withExec(["cat"]).directory("/src").entries(),
        built.directory("dist").entries(),
      ]);
    });
    expect([own, mounted, later, names]).toEqual(["a", "b", ["b.js", "old"], ["a.js"]]);
  });

  it("is asked for once for equal steps, and again for a step with another before it", async () => {
    await using engine = await scriptedEngine();
    engine.on(["install"]).times(1);
    engine.on(["test"]).times(2);
    await engine.run(async (client) => {
      await node(client).withExec(["test"]).sync();
      await node(client).withLabel("a", "b").withExec(["test"]).sync();
      await node(client).withExec(["install"]).withExec(["test"]).sync();
    });
    engine.verify();
  });
});

describe("a step that nobody expects", () => {
  it("is refused with the nearest expectation, and how it differs", async () => {
    await using engine = await scriptedEngine();
    engine.on(["npm", "run", "build"]);
    engine.on({ argv: ["npm", "run", "test"], image: "node:22*" });
    const refused = await engine.run((client) =>
      node(client)
        .withExec(["npm", "run", "tests"])
        .sync()
        .catch((error: unknown) => (error as Error).message),
    );
    expect(refused).toContain("the step `npm run tests` in node:24-slim was not expected");
    expect(refused).toContain('the nearest that is: ["npm","run","build"]');
    expect(refused).toContain('word 3 is "tests", expected "build"');
    expect(refused).toContain('engine.on(["npm","run","tests"])');
  });

  it("is refused where it has run as often as expected", async () => {
    await using engine = await scriptedEngine();
    engine.on(["npm", "ci"]).times(1);
    const run = engine.run(async (client) => {
      await node(client).withExec(["npm", "ci"]).sync();
      await node(client).withEnvVariable("AGAIN", "1").withExec(["npm", "ci"]).sync();
    });
    await expect(run).rejects.toThrow("it was expected once, and has run so often");
  });

  it("is told by verify too, where the pipeline has caught the refusal", async () => {
    await using engine = await scriptedEngine();
    engine.on(["expected"]);
    engine.on(["may", "be"]).optional();
    await engine.run((client) =>
      node(client)
        .withExec(["other"])
        .sync()
        .catch(() => undefined),
    );
    expect(() => {
      engine.verify();
    }).toThrow(/^\["expected"\] was expected, and never ran\nthe step `other`/);
  });
});

describe("a pipeline", () => {
  it("may import dag by value, and may answer an error of its own", async () => {
    await using engine = await scriptedEngine();
    engine.on(["version"]).answers({ stdout: "1.2.3" });
    expect(await engine.run(() => dag.container().from("tool").withExec(["version"]).stdout())).toBe("1.2.3");
    await expect(engine.run(() => Promise.reject(new TypeError("its own")))).rejects.toThrow(TypeError);
  });

  it("reads the host's files, and what it exports is not written but told", async () => {
    const workdir = await project({ "src/a.ts": "a", "node_modules/b/index.js": "b" });
    await using engine = await scriptedEngine({ workdir });
    engine.on(["build"]).answers({ files: { "/out/a.js": "A" } });
    const [entries, path] = await engine.run(async (client) => {
      const source = client.host().directory(".", { exclude: ["node_modules"] });
      const built = node(client).withMountedDirectory("/src", source).withExec(["build"]);
      return [await built.directory("/src").entries(), await built.directory("/out").export("dist")] as const;
    });
    expect(entries).toEqual(["src/"]);
    expect(path).toBe(join(workdir, "dist"));
    expect(Object.fromEntries(engine.exports)).toEqual({ dist: { "a.js": "A" } });
    expect(await readdir(workdir)).toEqual(["node_modules", "src"]);
  });

  it("publishes to a registry in memory, which another engine pulls from", async () => {
    const registry = fakeRegistry();
    await using engine = await scriptedEngine({ registry });
    engine.on(["build"]).answers({ files: { "/app/a.js": "A" } });
    const address = await engine.run((client) =>
      node(client)
        .withExec(["build"])
        .withEntrypoint(["node", "a.js"])
        .publish("registry.example/shop/api:1"),
    );
    expect(address).toMatch(/^registry\.example\/shop\/api:1@sha256:[0-9a-f]{64}$/);
    expect(registry.addresses).toEqual(["registry.example/shop/api:1"]);
    await using other = await scriptedEngine({ registry });
    const [text, entrypoint] = await other.run(async (client) => {
      const pulled = client.container().from(address);
      return Promise.all([pulled.file("/app/a.js").contents(), pulled.entrypoint()]);
    });
    expect([text, entrypoint]).toEqual(["A", ["node", "a.js"]]);
  });

  it("has a registry that answers as one does: what was published is read back and tagged", async () => {
    await using engine = await scriptedEngine();
    const address = await engine.run((client) =>
      node(client).withUser("node").publish("registry.example/shop/api:1"),
    );
    const repository = openRepository(address, { fetch: engine.registry.fetch });
    expect((await readImage(repository)).config.config?.User).toBe("node");
    const { bytes, digest } = await repository.getManifest();
    expect(await repository.headManifest("2")).toBeNull();
    await repository.putManifest(bytes, { tag: "2" });
    expect((await repository.headManifest("2"))?.digest).toBe(digest);
    expect(engine.registry.digestOf("registry.example/shop/api:2")).toBe(digest);
    const elsewhere = openRepository("registry.example/shop/web:1", { fetch: engine.registry.fetch });
    await expect(elsewhere.getManifest()).rejects.toMatchObject({
      code: expect.stringMatching(/^REGISTRY_/),
    });
  });

  it("waits with its answers while files are read, which may lead to a next step", async () => {
    await using engine = await scriptedEngine({ otherwise: {}, settleMs: 1 });
    await engine.run(async (client) => {
      const late = async () => {
        for (let read = 0; read < 500; read++) await readFile(import.meta.filename);
        await node(client).withExec(["late"]).sync();
      };
      await Promise.all([node(client).withExec(["early"]).sync(), late()]);
    });
    expect(engine.trace.steps.map(({ stage }) => stage)).toEqual([1, 1]);
  });

  it("has services that are only named", async () => {
    await using engine = await scriptedEngine();
    const endpoint = await engine.run(async (client) => {
      const db = client.container().from("postgres:17").asService().withHostname("db");
      await db.start();
      return db.endpoint({ scheme: "tcp" });
    });
    expect(endpoint).toBe("tcp://db:5432");
  });

  it("builds a Dockerfile, whose steps are answered too", async () => {
    const dockerfile =
      "FROM node:24 AS build\nRUN npm ci\nRUN npm run build\nFROM node:24-slim\nCOPY --from=build /out /app\n";
    await using engine = await scriptedEngine();
    engine.on({ place: "Dockerfile:2*" });
    engine.on(/npm run build/).answers({ files: { "/out/a.js": "A" } });
    const entries = await engine.run((client) =>
      client.directory().withNewFile("Dockerfile", dockerfile).dockerBuild().directory("/app").entries(),
    );
    expect(entries).toEqual(["a.js"]);
    expect(engine.trace.steps.map(({ place, after }) => [place, after])).toEqual([
      ["Dockerfile:2 RUN npm ci", []],
      ["Dockerfile:3 RUN npm run build", [1]],
    ]);
  });

  it("finds what nobody gave where that is asked for, and is told that it is missing elsewhere", async () => {
    const built = (client: Client) => node(client).withExec(["build"]).file("/dist/a").contents();
    await using strict = await scriptedEngine({ otherwise: {} });
    await expect(strict.run(built)).rejects.toThrow("no such file");
    await using lenient = await scriptedEngine({ otherwise: {}, assumesFiles: true });
    expect(await lenient.run(built)).toBe("");
  });
});

describe("time", () => {
  it("is virtual: what is asked for at once is under way at once, and hours are over in a moment", async () => {
    await using engine = await scriptedEngine({ start: "2026-01-01T00:00:00Z" });
    engine.on(["lint"]).answers({ delayMs: 3_600_000 });
    engine.on(["unit"]).answers({ delayMs: 60_000 });
    engine.on(["report"]);
    await engine.run(async (client) => {
      await Promise.all(["lint", "unit"].map((name) => node(client).withExec([name]).sync()));
      await node(client).withExec(["report"]).sync();
    });
    expect(engine.clock.now().toISOString()).toBe("2026-01-01T01:00:00.000Z");
    expect(engine).toHaveRunInParallel(["lint"], ["unit"]);
    expect(engine).toHaveRunInOrder(["unit"], ["report"]);
    expect(engine).not.toHaveRunInParallel(["lint"], ["report"]);
    expect(engine).not.toHaveRunInOrder(["lint"], ["unit"]);
    expect(engine).toHaveRun(["lint"], { times: 1 });
    expect(() => {
      expect(engine).toHaveRun(["deploy"]);
    }).toThrow(/\["deploy"\] has run; it ran 0 times\nwhat ran:\n[^]*lint/);
  });
});

describe("a pipeline that waits by itself", () => {
  it("takes the engine's clock, and waits for nothing", async () => {
    await using engine = await scriptedEngine();
    engine.on("flaky").times(1).answers({ exitCode: 1 });
    engine.on("flaky").answers({ stdout: "ok" });
    const retried = async (client: Client, clock: Clock, attempt = 0): Promise<string> => {
      const step = node(client).withEnvVariable("TRY", String(attempt)).withExec(["flaky"]);
      try {
        return await step.stdout();
      } catch (error) {
        if (attempt === 2) throw error;
        await clock.sleep(3_600_000);
        return retried(client, clock, attempt + 1);
      }
    };
    const begin = engine.clock.now().getTime();
    expect(await engine.run((client) => retried(client, engine.clock))).toBe("ok");
    expect(engine.clock.now().getTime() - begin).toBe(3_600_000);
  });
});

describe("the trace", () => {
  const pipeline = async (client: Client): Promise<void> => {
    const source = client.host().directory(".", { exclude: ["node_modules", ".git"] });
    const token = client.setSecret("NPM_TOKEN", "a-very-secret-token");
    const installed = node(client)
      .withMountedCache("/root/.npm", client.cacheVolume("npm"))
      .withDirectory("/app", source, { include: ["package.json"] })
      .withSecretVariable("NPM_TOKEN", token)
      .withExec(["npm", "ci", "--token=a-very-secret-token"])
      .withoutSecretVariable("NPM_TOKEN")
      .withMountedDirectory("/app/src", source.directory("src"));
    const db = client.container().from("postgres:17").asService();
    const built = installed.withExec(["npm", "run", "build"]);
    await Promise.all([
      installed.withExec(["npm", "run", "lint"]).sync(),
      installed
        .withServiceBinding("db", db)
        .withEnvVariable("AT", String(Date.now()))
        .withExec(["npm", "test"])
        .sync(),
      built.sync(),
    ]);
    await client
      .container()
      .from("node:24-slim")
      .withUser("node")
      .withDirectory("/app", built.directory("/app/dist"))
      .withExec(["node", "--check", "/app/main.js"])
      .publish("registry.example/shop/api:1");
    await built.file("/app/report.xml").export("report.xml");
  };

  it("says what ran in what, with what, after what and at once, the same each time and without a secret", async () => {
    const texts: string[] = [];
    for (let run = 0; run < 3; run++) {
      const workdir = await project({ "package.json": "{}", "src/a.ts": "a" });
      await using engine = await scriptedEngine({ workdir, otherwise: {}, assumesFiles: true });
      await engine.run(pipeline);
      texts.push(engine.traceText, engine.traceMermaid, JSON.stringify(engine.trace));
    }
    const [text, mermaid, json] = texts;
    expect(texts).toEqual([text, mermaid, json, text, mermaid, json, text, mermaid, json]);
    expect(texts.join("")).not.toContain("a-very-secret-token");
    expect(texts.join("")).not.toMatch(/sha256|fairway-scripted|\d{10}/);
    await expect(text).toMatchFileSnapshot("golden/trace.txt");
    await expect(mermaid).toMatchFileSnapshot("golden/trace.mmd");
  });
});

describe("a mistake of a test", () => {
  it("is told with the steps that left no files, where a file is missing", async () => {
    await using engine = await scriptedEngine();
    engine.on("npm *");
    const failed = engine.run((client) =>
      node(client)
        .withExec(["npm", "run", "build"])
        .directory("dist")
        .entries()
        .then((names) => names),
    );
    await expect(failed).rejects.toThrow(
      /stat \/?(app\/)?dist: no such file or directory\n.*engine\.on\(\["npm","run","build"\]\)\.answers\(\{ files: /,
    );
  });

  it("is one sentence of the client's error, without the pages of its request", async () => {
    await using engine = await scriptedEngine();
    const failed = await engine
      .run((client) => node(client).withExec(["npm", "ci"]).sync())
      .catch((error: unknown) => error as Error & { code: string });
    expect(failed).toMatchObject({ code: "D100", message: expect.stringContaining("was not expected") });
    expect(inspect(failed, { depth: 9 })).not.toMatch(/query:|withExec \(|headers/);
  });

  it("is told where a call of the pipeline is not awaited", async () => {
    await using engine = await scriptedEngine();
    engine.on(["npm", "ci"]);
    const failed = engine.run((client) => {
      void node(client).withExec(["npm", "ci"]).sync();
      return Promise.resolve("done");
    });
    await expect(failed).rejects.toMatchObject({
      code: "NOT_AWAITED",
      message: expect.stringContaining("`npm ci`"),
    });
  });

  it("is no missing await where the loser of a race is still under way", async () => {
    await using engine = await scriptedEngine();
    engine.on(["fast"]).answers({ stdout: "fast" });
    engine.on(["slow"]).answers({ delayMs: 60_000 });
    const first = await engine.run((client) =>
      Promise.race([
        node(client).withExec(["fast"]).stdout(),
        node(client)
          .withExec(["slow"])
          .stdout()
          .catch(() => "ended"),
      ]),
    );
    expect(first).toBe("fast");
  });

  it("is told where the run itself is not awaited", async () => {
    await using engine = await scriptedEngine({ otherwise: {} });
    const running = engine.run((client) => node(client).withExec(["npm", "ci"]).sync());
    expect(() => {
      expect(engine).toHaveRun(["npm", "ci"]);
    }).toThrow(/await engine\.run/);
    expect(() => {
      engine.verify();
    }).toThrow(/await engine\.run/);
    await running;
    engine.verify();
  });

  it("is refused where a matcher or an answer is misspelled, as no runner checks types", async () => {
    await using engine = await scriptedEngine();
    expect(() => engine.on({ args: ["npm"] } as never)).toThrow(/there is no args; did you mean argv\?/);
    expect(() => engine.on("npm ci").answers({ exitcode: 1 } as never)).toThrow(/did you mean exitCode\?/);
    engine.on(["late"]).answers((() => undefined) as never);
    const late = engine.run((client) => node(client).withExec(["late"]).sync());
    await expect(late).rejects.toThrow(/the answer to \["late"\]: an object .* is needed, not undefined/);
  });

  it("is told with what ran, where something did not, or was not to run", async () => {
    await using engine = await scriptedEngine({ otherwise: {} });
    engine.on(["npm", "test"]);
    await engine.run((client) => node(client).withExec(["npm", "ci"]).sync());
    expect(() => {
      engine.verify();
    }).toThrow(/\["npm","test"\] was expected, and never ran\nwhat ran:\n.*npm ci/s);
    expect(() => {
      expect(engine).not.toHaveRun(["npm", "ci"]);
    }).toThrow(/what ran:\n.*npm ci/s);
  });

  it("is told by the name of what a script cannot answer", async () => {
    await using engine = await scriptedEngine();
    const failed = engine.run((client) =>
      client.git("https://git.example/shop").branch("main").tree().entries(),
    );
    await expect(failed).rejects.toThrow(/^Query\.git cannot be answered from a script.*withNewFile/s);
  });
});
