import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { image, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

describe("a session of the embedded engine", () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  const ask = (init: RequestInit, path = "/query") =>
    fetch(`http://127.0.0.1:${String(engine.session.port)}${path}`, init);
  const authorization = () => `Basic ${Buffer.from(`${engine.session.token}:`).toString("base64")}`;

  it("answers the version of Dagger whose API it speaks", async () => {
    expect(await engine.with((dag) => dag.version())).toBe("v0.21.8");
  });

  it("refuses a request without the token", async () => {
    expect((await ask({ method: "POST", body: '{"query":"{version}"}' })).status).toBe(401);
  });

  it("refuses a document that does not fit the schema with status 400", async () => {
    const response = await ask({
      method: "POST",
      headers: { authorization: authorization() },
      body: JSON.stringify({ query: "{ container { noSuchField } }" }),
    });
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/graphql-response+json");
    expect(await response.json()).toMatchObject({
      data: null,
      errors: [
        {
          message: 'Cannot query field "noSuchField" on type "Container".',
          extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
        },
      ],
    });
  });

  it("names a field that only the real engine has", async () => {
    const error = await refusalOf(engine.with((dag) => dag.container().experimentalWithAllGPUs().user()));
    expect(error.message).toContain(
      "Container.experimentalWithAllGPUs: the embedded engine does not support it",
    );
    expect(error.message).toContain("--engine dagger");
  });

  it("runs a step and answers its output", async () => {
    const output = await engine.with((dag) =>
      dag.container().from(image).withExec(["echo", "hello"]).stdout(),
    );
    expect(output).toBe("hello\n");
  });

  it("raises the client's ExecError for a step that fails", async () => {
    const error = await refusalOf(
      engine.with((dag) =>
        dag.container().from(image).withExec(["sh", "-c", "echo o; echo e >&2; exit 3"]).stdout(),
      ),
    );
    expect(error).toMatchObject({
      ...{ name: "ExecError", code: "D109", message: "exit code: 3", exitCode: 3, stdout: "o", stderr: "e" },
      cmd: ["sh", "-c", "echo o; echo e >&2; exit 3"],
    });
  });

  it("gives equal chains equal ids, which are good in other connections", async () => {
    const id = () => engine.with((dag) => dag.directory().withNewFile("a", "A").id());
    expect(await id()).toBe(await id());
    const loaded = await id();
    expect(await engine.with((dag) => dag.loadDirectoryFromID(loaded as never).entries())).toEqual(["a"]);
  });
});
