import { createServer, type AddressInfo } from "node:net";
import { createServer as createHttpServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryOf, type Repository } from "../e2e/support/repository.ts";

/** The fixture's config, with more in its environment. */
async function withLocal(repository: Repository, more: string) {
  const yaml = await readFile(join(repository.path, "fairway.yaml"), "utf8");
  const [before = ""] = yaml.split("    # more\n");
  await repository.write("fairway.yaml", `${before.trimEnd()}\n    # more\n${more}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a dependency that is not there stops a deploy before it changes anything, and is named", async () => {
  await using repository = await repositoryOf("tiny");
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}/health`;
  const tax = createHttpServer((_, response) => response.end("ok"));
  await new Promise<void>((resolve) => tax.listen(port, "127.0.0.1", resolve));
  await withLocal(repository, `    dependencies: [{ http: { url: "${url}", contains: ok } }]\n`);
  const first = repository.commit("A dependency");
  const live = await repository.fairway("deploy", "--env", "local");
  expect(live.exitCode, live.output).toBe(0);

  tax.closeAllConnections();
  await new Promise((resolve) => tax.close(resolve));
  await repository.write("greeting.js", 'export const greeting = () => "hello from tiny";\n// two\n');
  repository.commit("Two");
  const planned = await repository.fairway("plan", "--env", "local");
  expect(planned.output).toContain(`1. check dependencies: ${url}`);
  const refused = await repository.fairway("deploy", "--env", "local");
  expect(refused.exitCode, refused.output).toBe(1);
  expect(refused.output).toMatch(/gave no answer: .*Nothing was changed/);
  const { stdout } = await repository.fairway("status", "--env", "local");
  expect(stdout).toContain(`${first} on main is live`);
});

test("a checklist's script is run for each plan and each deploy, and the list is the proven commit's", async () => {
  await using repository = await repositoryOf("tiny");
  const scripts = async (docs: string) => {
    const file = join(repository.path, "package.json");
    const manifest = JSON.parse(await readFile(file, "utf8")) as { scripts: Record<string, string> };
    manifest.scripts["docs"] = docs;
    await repository.write("package.json", JSON.stringify(manifest, null, 2));
  };
  await scripts('node -e "console.log(process.env.FAIRWAY_OPERATION_ID)"');
  await withLocal(repository, "    checklist: [{ name: documentation, script: docs }]\n");
  repository.commit("A checklist");
  const planned = await repository.fairway("plan", "--env", "local");
  expect(planned.output).toMatch(/documentation +open +the script docs passed/);
  const live = await repository.fairway("deploy", "--env", "local");
  expect(live.exitCode, live.output).toBe(0);

  // The list is taken out, and the script broken: what is proven still asks for it.
  await scripts('node -e "console.log(1 + 1, process.version); process.exit(4)"');
  await withLocal(repository, "");
  repository.commit("No checklist any more");
  const refused = await repository.fairway("deploy", "--env", "local");
  expect(refused.exitCode, refused.output).toBe(1);
  expect(refused.output).toContain("documentation: the script docs: its step ended with exit code 4");
  expect(refused.output).toMatch(/2 v\d+/);
  repository.undo();

  const manifest = JSON.parse(await readFile(join(repository.path, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  delete manifest.scripts["docs"];
  await repository.write("package.json", JSON.stringify(manifest));
  repository.commit("No such script");
  const held = await repository.fairway("deploy", "--env", "local");
  expect(held.exitCode, held.output).toBe(3);
  expect(held.output).toContain("package.json has no script docs");
});

test("a replica that takes more memory than its limit is killed, started again, and says so", async () => {
  await using repository = await repositoryOf("tiny");
  const server = await readFile(join(repository.path, "server.js"), "utf8");
  await repository.write(
    "server.js",
    server.replace(
      'if (request.url === "/slow")',
      'if (request.url === "/eat") return response.end(String((globalThis.eaten = Buffer.alloc(400 * 2 ** 20, 1)).length));\n  if (request.url === "/slow")',
    ),
  );
  await withLocal(
    repository,
    "    services: { web: { replicas: 1, limits: { cpus: 1, memoryMiB: 300 } } }\n",
  );
  repository.commit("A limit");
  const live = await repository.fairway("deploy", "--env", "local");
  expect(live.exitCode, live.output).toBe(0);
  const statusOf = async () => (await repository.fairway("status", "--env", "local")).stdout;
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await statusOf())?.[0];
  await fetch(`${url!}/eat`).then(
    (answer) => answer.text(),
    () => undefined,
  );
  await expect
    .poll(statusOf, { timeout: 30_000, interval: 1_000 })
    .toMatch(/serving .*killed: over its memory limit of 300 MiB/);
  const logs = await repository.fairway("logs", "--env", "local");
  expect(logs.stdout).toContain("killed: over its memory limit of 300 MiB");

  // Another limit is another release of the same image.
  await withLocal(
    repository,
    "    services: { web: { replicas: 1, limits: { cpus: 1, memoryMiB: 600 } } }\n",
  );
  const version = repository.commit("Another limit");
  const rolled = await repository.fairway("deploy", "--env", "local");
  expect(rolled.exitCode, rolled.output).toBe(0);
  expect(rolled.output).toContain(`web 1: start ${version}`);
});
