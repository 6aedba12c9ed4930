import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@dagger.io/dagger";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ofRepository, openDelivery, type Delivery } from "../../src/delivery/delivery.ts";
import { imagesOfPlan, publishedImages } from "../../src/delivery/images.ts";
import { startRegistryServer } from "../../src/host/registry/registry.ts";
import { systemClock } from "../../src/model/clock.ts";
import { withHostCapabilities, type HostCapabilities } from "../../src/model/host.ts";
import type { Plan } from "../../src/model/plan.ts";
import { silentProgress } from "../../src/model/progress.ts";
import { openRepository } from "../../src/oci/oci.ts";
import { buildImage, publishImage } from "../../src/steps/images/images.ts";
import { testEngine } from "../engine/support/engine.ts";
import { failureOf } from "../support/failure-of.ts";

let directory: string;
let repository: string;
let host: HostCapabilities;
const closing = new AsyncDisposableStack();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-images-of-plan-"));
  closing.defer(() => rm(directory, { recursive: true }));
  const registry = await startRegistryServer({ root: join(directory, "registry") });
  closing.defer(() => registry.close());
  host = {
    loopbackRegistry: async () => registry.address,
    ...{ engine: "embedded", progress: silentProgress, clock: systemClock, command: "npx fairway" },
    ...{ actor: "ada@laptop", actorEmail: async () => null },
  } as Partial<HostCapabilities> as HostCapabilities;
  repository = join(directory, "repository");
  await mkdir(repository);
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  for (const [file, text] of Object.entries(files)) await writeFile(join(repository, file), text);
});
afterAll(() => closing.disposeAsync());

const files = {
  "fairway.yaml": `name: shop
services: { web: { dockerfile: Dockerfile, port: 3000, ready: / } }
environments: { local: { target: local }, production: { target: local, after: local } }
`,
  Dockerfile:
    'FROM node:24-slim\nCOPY main.js ./\nUSER node\nHEALTHCHECK CMD ["true"]\nCMD ["node", "main.js"]\n',
  "package.json": '{ "name": "shop" }',
  "package-lock.json": '{ "name": "shop", "lockfileVersion": 3, "packages": {} }',
  ".gitignore": "*.log\n",
};

function git(...args: string[]): void {
  execFileSync("git", args, { cwd: repository });
}

async function commit(main: string): Promise<void> {
  await writeFile(join(repository, "main.js"), main);
  git("add", "--all");
  git("commit", "--quiet", "--message", main);
}

/** A call of its own on what is checked out. */
async function asked<T>(work: (delivery: Delivery, dag: Client) => Promise<T>): Promise<T> {
  await using engine = await testEngine({ cache: join(directory, "cache") });
  return await engine.with((dag) =>
    withHostCapabilities(host, () => {
      const source = dag.host().directory(repository);
      return work(openDelivery(dag, { source }, ofRepository), dag);
    }),
  );
}

const published = () => asked(async (delivery) => imageIn(await publishedImages(delivery, "local")));
const imageIn = ({ images }: Awaited<ReturnType<typeof publishedImages>>) => images[0]!.reference;
const taken = (image: string, gates: Plan["gates"] = []) =>
  asked(async (delivery) => imageIn(await imagesOfPlan(delivery, planOf(image, gates))));

/** The part of a plan by which its images are looked for. */
function planOf(image: string, gates: Plan["gates"]): Plan {
  const release = { version: "4f2a9c1", services: [{ name: "web", image }] };
  return { action: "deploy", environment: "local", release, gates, emergency: null } as unknown as Plan;
}

it("a plan by hand with the image of another commit is refused; that of the commit's own image is taken", async () => {
  await commit("first");
  const first = await published();
  await commit("second");
  const second = await published();
  expect(second).not.toBe(first);
  const tags = await openRepository(second).listTags();
  expect(await failureOf(taken(first))).toMatchObject({
    ...{ code: "PLAN_STALE", exitCode: 3, place: "--plan" },
    message: expect.stringContaining(
      `image of web is not known to be built from 4f2a9c1: ${first}. Nothing`,
    ) as string,
    output: expect.stringContaining(first.split("@")[1]!) as string,
    remedy: "Make the plan again, and have that approved:\nnpx fairway plan --env local --out plan.json",
  });
  expect(await taken(second)).toBe(second);

  // What git does not keep makes no other content of a commit: modes of a umask, files that it ignores.
  await writeFile(join(repository, "debug.log"), "of this machine");
  await chmod(join(repository, "main.js"), 0o664);
  expect(await taken(second)).toBe(second);
  expect(await openRepository(second).listTags()).toEqual(tags);
  await rm(join(repository, "debug.log"));

  // An image of before is that of its own commit still.
  git("checkout", "--quiet", "--detach", "HEAD~1");
  expect(await taken(first)).toBe(first);
  git("checkout", "--quiet", "main");
});

it("what is in no commit is known by its files", async () => {
  await commit("third");
  const committed = await published();
  await writeFile(join(repository, "main.js"), "changed");
  const changed = await published();
  expect(await taken(changed)).toBe(changed);
  expect(await failureOf(taken(committed))).toMatchObject({ code: "PLAN_STALE" });
  await writeFile(join(repository, "main.js"), "changed again");
  expect(await failureOf(taken(changed))).toMatchObject({ code: "PLAN_STALE" });
  git("checkout", "--quiet", "main.js");
});

it("an image of an earlier version, of which nothing says what it is built from, is refused until it is planned anew", async () => {
  await commit("fourth");
  const image = await asked(async (delivery, dag) => {
    const { source } = await delivery.project();
    const build = await buildImage(source, { service: "web", dockerfile: "Dockerfile", context: "." });
    return (await publishImage(dag, build, await delivery.registry("local"))).reference;
  });
  expect(await failureOf(taken(image))).toMatchObject({ code: "PLAN_STALE" });
  const promotion = { gate: "promotion", asks: { after: "staging" } } as unknown as Plan["gates"][number];
  expect(await failureOf(taken(image, [promotion]))).toMatchObject({
    remedy: "Bring what is proven there:\nnpx fairway promote --from staging --to local --plan plan.json",
  });
  expect(await published()).toBe(image);
  expect(await taken(image)).toBe(image);
});
