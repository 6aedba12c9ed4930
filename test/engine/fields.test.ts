import type { JSON as JsonText } from "@dagger.io/dagger";
import { afterAll, beforeAll, expect, it } from "vitest";
import { image, testEngine, type TestEngine } from "./support/engine.ts";

/** Fields that no recorded case and no other test asks for. */
let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

it("stats files of a container, and takes its settings away again", async () => {
  const dag = await engine.client();
  const bare = dag.container();
  const file = bare.withNewFile("/a/b.txt", "text", { permissions: 0o640 }).stat("/a/b.txt");
  expect([await file.name(), await file.size(), await file.permissions()]).toEqual(["b.txt", 4, 0o640]);
  expect(await bare.withDefaultArgs(["a"]).withoutDefaultArgs().defaultArgs()).toEqual([]);
  const checked = bare.withDockerHealthcheck(["true"], { startPeriod: "3s", startInterval: "1s" });
  const healthcheck = checked.dockerHealthcheck();
  expect([await healthcheck.startPeriod(), await healthcheck.startInterval()]).toEqual(["3s", "1s"]);
  expect(await checked.withoutDockerHealthcheck().dockerHealthcheck().shell()).toBeNull();
  const open = await bare
    .withExposedPort(80)
    .withExposedPort(81, { experimentalSkipHealthcheck: true })
    .exposedPorts();
  expect(await Promise.all(open.map((port) => port.experimentalSkipHealthcheck()))).toEqual([false, true]);
});

it("gives a step no variable that was taken away", async () => {
  const dag = await engine.client();
  const secret = dag.setSecret("fields-test", "hidden-text");
  const container = dag
    .container()
    .from(image)
    .withSecretVariable("HIDDEN", secret)
    .withVolatileVariable("FLEETING", "now");
  const script = ["sh", "-c", 'echo "${HIDDEN-none} ${FLEETING-none}"'];
  expect(await container.withExec(script).stdout()).toBe("*** now\n");
  const without = container.withoutSecretVariable("HIDDEN").withoutVolatileVariable("FLEETING");
  expect(await without.withExec(script).stdout()).toBe("none none\n");
});

it("makes, reads and changes JSON", async () => {
  const dag = await engine.client();
  const json = dag.json();
  expect(await json.newInteger(3).asInteger()).toBe(3);
  expect(await json.newBoolean(true).asBoolean()).toBe(true);
  expect(await json.newString('a "b"').contents()).toBe('"a \\"b\\""');
  const list = await json.withContents("[1,true]" as JsonText).asArray();
  expect(await Promise.all(list.map((each) => each.contents()))).toEqual(["1", "true"]);
  const made = json.withContents('{"a":{"b":1}}' as JsonText).withField(["a", "c"], json.newInteger(2));
  expect(JSON.parse(await made.contents())).toEqual({ a: { b: 1, c: 2 } });
});

it("keeps values in an error", async () => {
  const dag = await engine.client();
  const values = await dag
    .error("broken")
    .withValue("place", '"here"' as JsonText)
    .values();
  expect(await Promise.all(values.map(async (each) => [await each.name(), await each.value()]))).toEqual([
    ["place", '"here"'],
  ]);
});

it("evaluates changesets and services on demand, once", async () => {
  const dag = await engine.client();
  const before = dag.directory().withNewFile("a", "1");
  const changes = await before.withNewFile("b", "2").changes(before).sync();
  expect(await changes.addedPaths()).toEqual(["b"]);
  const service = dag
    .container()
    .from(image)
    .asService({ args: ["sleep", "60"] });
  expect(await (await service.sync()).hostname()).toBe(await service.hostname());
});
