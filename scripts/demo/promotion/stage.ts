import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { commitAll, copyExample } from "../../copy-example.ts";
import { startRegistry } from "../../registry/registry.ts";
import { quiet, type StartedCommand } from "../commands.ts";
import type { Narrator } from "../narrator.ts";
import type { Scene } from "../perform.ts";
import { Shop } from "../shop.ts";
import { givePeopleKeys, type PersonName } from "./people.ts";
import { environments, startServers, type EnvironmentName } from "./servers.ts";
import { hurry, writeAddresses } from "./settings.ts";

/** One second for the clocks: a ledger's is its server's. */
const soakMs = hurry.production.soakMinutes * 60_000 + 1_000;
/** How long a lease outlives the process that held it. */
const leaseMs = 31_000;

/** The shop of a company, its servers, and those who work on it. */
export class Stage {
  readonly narrator: Narrator;
  readonly shop: Shop;
  readonly directory: string;
  readonly servers = new AsyncDisposableStack();
  keys: Readonly<Partial<Record<PersonName, string>>> = {};
  #killedAt = 0;

  constructor({ directory, narrator }: Scene) {
    this.directory = directory;
    this.narrator = narrator;
    this.shop = new Shop(join(directory, "shop"), narrator);
  }

  /** Runs `npx fairway <words>` with the secrets of an environment; it must end and speak as expected. */
  async fairway(
    environment: EnvironmentName,
    words: readonly string[],
    exitCode: number,
    ...says: readonly string[]
  ): Promise<void> {
    const command = ["fairway", "--secrets", `file:.env.${environment}`, ...words];
    await this.shop.expectHeard(exitCode, ["npx", ...command], says);
  }

  /** The same, of a command that is going to be killed. */
  start(environment: EnvironmentName, words: readonly string[]): StartedCommand {
    return this.shop.start("npx", ["fairway", "--secrets", `file:.env.${environment}`, ...words]);
  }

  async approve(plan: string, person: PersonName): Promise<void> {
    const key = ["--key", this.keys[person] ?? "", "--secrets", "file:.env.production"];
    const command = ["npx", "fairway", "approve", plan, ...key];
    await this.shop.expectHeard(0, command, ["approved: plan sha256:"]);
  }

  /** Applies a prepared commit; answers its short SHA. */
  async commit(number: string): Promise<string> {
    await this.shop.applyCommit(number);
    return this.head();
  }

  async head(): Promise<string> {
    const { stdout } = await execa("git", ["rev-parse", "--short=7", "HEAD"], {
      cwd: this.shop.directory,
      ...quiet,
    });
    return stdout;
  }

  /** What has just become live begins to soak; the answer waits for the end of it. */
  soak(): () => Promise<void> {
    const until = performance.now() + soakMs;
    return () => this.#wait(until - performance.now(), "It soaks in staging for another");
  }

  async untilLeaseEnds(): Promise<void> {
    await this.#wait(
      this.#killedAt + leaseMs - performance.now(),
      "Nobody gave its lease back: that ends in",
    );
  }

  killed(): void {
    this.#killedAt = performance.now();
  }

  async close(): Promise<void> {
    await this.servers.disposeAsync();
  }

  async #wait(milliseconds: number, why: string): Promise<void> {
    if (milliseconds <= 0) return;
    this.narrator.say(`\n${why} ${String(Math.ceil(milliseconds / 1_000))} s`);
    // An interrupted demo does not wait for it; the servers keep an undisturbed one alive.
    await sleep(milliseconds, undefined, { ref: false });
  }
}

/** A copy of the shop with the addresses of servers that are there; answers the commit that is the first release. */
export async function setUp(stage: Stage): Promise<string> {
  const { narrator, shop, directory } = stage;
  const packages = await startRegistry();
  stage.servers.defer(() => packages.close());
  const servers = stage.servers.use(await startServers(join(directory, "servers")));
  narrator.say(
    "A git server, an Argo CD for each environment, a registry and a PostgreSQL server. They are real, but for\n" +
      "Argo CD: a stand-in that follows the manifests, and says of a cluster what Argo CD would.",
  );
  const onCommand = (command: string) => {
    narrator.command(command);
  };
  await copyExample("shop", shop.directory, { registryUrl: packages.url, onCommand });
  const remote = ["remote", "add", "origin", servers.git.url("shop")];
  await shop.show("git", remote);
  await shop.show("git", ["config", "user.email", "ada@harbour.example"]);

  narrator.say("\nTheir addresses, and everybody's keys, take the place of those of the example.");
  await writeAddresses(shop.directory, servers, hurry);
  stage.keys = await givePeopleKeys(join(directory, "keys"), shop.directory);
  for (const environment of environments) {
    await writeFile(join(shop.directory, `.env.${environment}`), servers.secrets(environment), {
      mode: 0o600,
    });
  }
  await commitAll(shop.directory, "chore: our servers, and who approves", { onCommand });
  return stage.head();
}
