import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ended, repositoryOf, type Repository, type Run } from "../e2e/support/repository.ts";

/** Two services, of which one asks the other, in real sandboxes; visitors are kept out of every deploy. */
let repository: Repository;
let urls: Readonly<Record<string, string>>;

beforeAll(async () => {
  repository = await repositoryOf("tiny");
  await repository.write("server.js", server("v1"));
  await repository.write("fairway.yaml", config);
  repository.commit("A front that asks the web");
  const deployed = await expecting(0, "deploy", "--env", "local", "--format", "json");
  ({ urls } = JSON.parse(deployed.stdout) as { urls: Record<string, string> });
}, 300_000);

afterAll(() => repository[Symbol.asyncDispose]());

it("visitors get 503 while a deploy is under way, and nothing else: the services and the smoke tests pass", async () => {
  await repository.write("server.js", server("v2"));
  repository.commit("Version two");
  const command = repository.start("deploy", "--env", "local");
  const statuses: number[] = [];
  const asking = setInterval(() => {
    void fetch(urls["front"]!).then(
      ({ status }) => statuses.push(status),
      () => statuses.push(0),
    );
  }, 100);
  const run = ended(command);
  await once(command, "close");
  clearInterval(asking);
  const { exitCode, output } = await run;
  expect(exitCode, output).toBe(0);
  const told = statuses.filter((status, index) => status !== statuses[index - 1]);
  expect(told.slice(0, 2)).toEqual([200, 503]);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(await (await fetch(urls["front"]!)).text()).toContain("front has hello v2");
  expect((await expecting(0, "status")).stdout).not.toContain("maintenance");
});

it("by hand it stays, and status says how it ends", async () => {
  await expecting(2, "maintenance", "--env", "local");
  await expecting(0, "maintenance", "--env", "local", "--on", "--reason", "The warehouse moves");
  expect((await fetch(urls["front"]!)).status).toBe(503);
  await expecting(0, "deploy", "--env", "local");
  expect((await fetch(urls["front"]!)).status).toBe(503);
  const status = await expecting(0, "status");
  expect(status.stdout).toMatch(/in maintenance since \d+ s ago: visitors are answered 503/);
  expect(status.stdout).toContain("npx fairway maintenance --env local --off");
  await expecting(0, "maintenance", "--env", "local", "--off");
  expect((await fetch(urls["front"]!)).status).toBe(200);
  await expecting(0, "verify", "--env", "local");
});

async function expecting(exitCode: number, ...words: readonly string[]): Promise<Run> {
  const run = await repository.fairway(...words);
  expect(run.exitCode, run.output).toBe(exitCode);
  return run;
}

const server = (version: string) => `
import { createServer } from "node:http";
const { WEB_URL, PORT, HOST } = process.env;
createServer(async (request, response) => {
  if (WEB_URL === undefined) return response.end("hello ${version}");
  const answer = await fetch(WEB_URL).catch(() => ({ status: 502, text: async () => "" }));
  response.writeHead(answer.status).end("front has " + (await answer.text()));
}).listen(Number(PORT), HOST ?? "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

const service = "{ dockerfile: Dockerfile, port: 3000, ready: /, replicas: 1, drainSeconds: 1";
const config = `name: tiny
services:
  web: ${service} }
  front: ${service}, needs: [web], variables: { WEB_URL: "\${services.web.url}" } }
environments:
  local:
    target: local
    maintenance: always
    smoke: [{ service: front, path: /, contains: front has hello }]
`;
