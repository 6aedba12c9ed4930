import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repositoryOf } from "../e2e/support/repository.ts";

it("a script of the repository proves what serves, and takes a release back that it finds wrong", async () => {
  await using repository = await repositoryOf("tiny");
  const change = async (file: string, edit: (text: string) => string) =>
    repository.write(file, edit(await readFile(join(repository.path, file), "utf8")));
  await change("fairway.yaml", (text) => text.replace("smoke: [", "smoke: [{ script: live }, "));
  await change("package.json", (text) =>
    text.replace('"scripts": {', '"scripts": { "live": "node live.js",'),
  );
  await repository.write(
    "live.js",
    `const text = await (await fetch(process.env.FAIRWAY_URL_WEB)).text();
if (text.includes("wrong")) { console.error("the page says: " + text); process.exit(3); }\n`,
  );
  const good = repository.commit("feat: what serves is asked");
  const first = await repository.fairway("deploy", "--env", "local");
  expect(first.exitCode, first.output).toBe(0);
  expect(first.output).toContain("run live against what serves");

  await repository.write("greeting.js", 'export const greeting = () => "hello from what is wrong";\n');
  await change("greeting.test.js", (text) => text.replace("hello from tiny", "hello from what is wrong"));
  repository.commit("feat: a greeting that no other check looks at");
  const second = await repository.fairway("deploy", "--env", "local");
  expect(second.exitCode, second.output).toBe(4);
  expect(second.output).toContain("the page says: hello from what is wrong");
  expect(second.output).toContain(`${good} is live in local`);
});
