import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

const ask = (query: string, variables?: Record<string, unknown>) =>
  engine.with((dag) => dag.getGQLClient().request<Record<string, unknown>>(query, variables));

describe("the arguments of a query", () => {
  it("are read as the engine reads them: texts for lists, numbers, booleans and enum values", async () => {
    const query = `{ container {
      withEntrypoint(args: "[\\"a\\", \\"b\\"]", keepDefaultArgs: "true") {
        withExposedPort(port: "8080", protocol: "UDP") { entrypoint exposedPorts { port protocol } } } } }`;
    expect(await ask(query)).toMatchObject({
      container: {
        withEntrypoint: {
          withExposedPort: { entrypoint: ["a", "b"], exposedPorts: [{ port: 8080, protocol: "UDP" }] },
        },
      },
    });
  });

  it("that do not fit are an error of the whole query, in which no secret is shown", async () => {
    const text = 'canary "of" a query';
    const query = `{ a: setSecret(name: "a", plaintext: ${JSON.stringify(text)}) { id } setSecret(name: 5, plaintext: "x-y-z") { id } }`;
    const { message } = await refusalOf(ask(query));
    expect(message).toContain('init arg "name" value as dagql.String (String!)');
    // What the client adds is its own request.
    expect(message.slice(0, message.indexOf('{"response"'))).not.toMatch(/canary|x-y-z/);
    expect(/"response":.*?"request":/s.exec(message)?.[0]).not.toMatch(/canary|x-y-z/);
  });

  it("in variables are judged too, and integers beyond 32 bits taken", async () => {
    const query =
      "query Q($port: Int!) { container { withExposedPort(port: $port) { exposedPorts { port } } } }";
    expect(await ask(query, { port: 99999999999 })).toMatchObject({
      container: { withExposedPort: { exposedPorts: [{ port: 99999999999 }] } },
    });
    expect((await refusalOf(ask(query, { port: 1.5 }))).message).toContain("Int cannot represent 1.5");
    expect((await refusalOf(ask(query, { port: 2 ** 60 }))).message).toContain("53 bits");
  });
});

describe("a secret by a command of the host", () => {
  it("that fails tells its end, and nothing of what it said", async () => {
    const asked = engine.with((dag) => dag.secret("cmd://echo canary; echo canary >&2; exit 3").plaintext());
    const { message } = await refusalOf(asked);
    expect(message).toContain("exit code 3");
    expect(message).not.toContain("canary");
  });
});
