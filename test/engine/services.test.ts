import type { Client, Container } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/host/processes/processes.ts";
import { nodeImage, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

const serve = (port: number, answer: string) => [
  "node",
  "-e",
  `let n = 0; require('http').createServer(async (q, r) => r.end(String(${answer}))).listen(${String(port)}, '0.0.0.0')`,
];
const get = (url: string) => [
  "node",
  "-e",
  `fetch(${JSON.stringify(url)}).then((r) => r.text()).then((t) => process.stdout.write(t), (e) => console.log(e.cause?.code ?? e))`,
];
const node = (dag: Client, name: string): Container =>
  dag.container().from(nodeImage).withEnvVariable("CASE", name);

describe("a service", () => {
  it("is reached by its alias, is one process for all, and sees its own services", async () => {
    const [back, front] = [await freePort(), await freePort()];
    await engine.with(async (dag) => {
      const counter = node(dag, "counter")
        .withExposedPort(back)
        .asService({ args: serve(back, "++n") });
      const step = node(dag, "client").withServiceBinding("counter", counter);
      expect(await step.withExec(get(`http://counter:${String(back)}/1`)).stdout()).toBe("1");
      const relay = node(dag, "relay")
        .withServiceBinding("behind", counter)
        .withExposedPort(front)
        .asService({
          args: serve(front, `'relayed ' + await (await fetch('http://behind:${String(back)}')).text()`),
        });
      expect(
        await node(dag, "other")
          .withServiceBinding("relay", relay)
          .withExec(get(`http://relay:${String(front)}`))
          .stdout(),
      ).toBe("relayed 2");
    });
  });

  it("that ends before its port is open is an error with its output", async () => {
    const port = await freePort();
    const error = await refusalOf(
      engine.with((dag) => {
        const broken = node(dag, "broken")
          .withExposedPort(port)
          .asService({ args: ["sh", "-c", "echo starting; echo broken >&2; exit 3"] });
        return node(dag, "c").withServiceBinding("web", broken).withExec(["true"]).sync();
      }),
    );
    expect(error).toMatchObject({ name: "ExecError", exitCode: 3, stdout: "starting\n", stderr: "broken\n" });
    expect(error.message).toMatch(/^start \w+ \(aliased as web\): exit code: 3$/);
  });

  it("whose port another program of this machine has is refused with the port's number", async () => {
    const { createServer } = await import("node:http");
    const other = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    try {
      const error = await refusalOf(
        engine.with((dag) =>
          node(dag, "c")
            .withServiceBinding(
              "web",
              node(dag, "taken")
                .withExposedPort(port)
                .asService({ args: serve(port, "1") }),
            )
            .withExec(["true"])
            .sync(),
        ),
      );
      expect(error.message).toContain(`port ${String(port)} is in use on this machine`);
    } finally {
      other.close();
    }
  });

  it("that wants the port of another takes its turn", async () => {
    const port = await freePort();
    const answers = await engine.with((dag) =>
      Promise.all(
        ["one", "two", "three"].map((name) =>
          node(dag, name)
            .withServiceBinding(
              "web",
              node(dag, `serves ${name}`)
                .withExposedPort(port)
                .asService({ args: serve(port, `'${name}'`) }),
            )
            .withExec(get(`http://web:${String(port)}`))
            .stdout(),
        ),
      ),
    );
    expect(answers).toEqual(["one", "two", "three"]);
  });

  it("runs from start to stop, and answers by its hostname meanwhile", async () => {
    const port = await freePort();
    await engine.with(async (dag) => {
      const service = await node(dag, "started")
        .withExposedPort(port)
        .asService({ args: serve(port, "'here'") })
        .start();
      const url = await service.endpoint({ scheme: "http" });
      expect(await node(dag, "asks").withExec(get(url)).stdout()).toBe("here");
      await service.stop();
      expect(await node(dag, "asks again").withExec(get(url)).stdout()).toContain("ENOTFOUND");
    });
  });
});

describe("a postgres service", () => {
  const query = (host: string, sql: string) => [
    "node",
    "-e",
    `const net = require('net'); const s = net.connect(5432, '${host}', () => { s.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])) });
     s.once('data', (d) => { console.log(String(d)${sql}); s.end() }); s.on('error', (e) => console.log(e.code))`,
  ];

  it("is PostgreSQL on port 5432 of its alias, and says which", async () => {
    await engine.with(async (dag) => {
      const database = dag
        .container()
        .from("postgres:9")
        .withSecretVariable("POSTGRES_PASSWORD", dag.setSecret("pw", "secret-password"))
        .withEnvVariable("POSTGRES_DB", "shop")
        .asService();
      // The server answers a request for TLS with one letter: N.
      expect(
        await node(dag, "sql").withServiceBinding("db", database).withExec(query("db", "")).stdout(),
      ).toBe("N\n");
    });
    expect(engine.notes().find((note) => note.startsWith("postgres:9"))).toMatch(
      /stood in for by PostgreSQL \d+.*the tag asks for 9/,
    );
  });

  it.each([
    ["without a password", (c: Container) => c, "set POSTGRES_PASSWORD"],
    [
      "with a variable that is not honoured",
      (c: Container) =>
        c.withEnvVariable("POSTGRES_PASSWORD", "p").withEnvVariable("POSTGRES_INITDB_ARGS", "-k"),
      "POSTGRES_INITDB_ARGS",
    ],
  ])("%s is refused by name", async (_name, change, words) => {
    const error = await refusalOf(
      engine.with((dag) => change(dag.container().from("postgres:18")).asService().start()),
    );
    expect(error.message).toContain(words);
  });

  it("has no filesystem for steps", async () => {
    const error = await refusalOf(
      engine.with((dag) => dag.container().from("postgres:18").withExec(["psql", "--version"]).stdout()),
    );
    expect(error.message).toContain("known as a service only");
  });
});
