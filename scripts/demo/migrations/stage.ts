import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parseDocument } from "yaml";
import { queryLocalDatabase } from "../../../test/support/local-database.ts";
import { commitAll, copyCommittedFiles } from "../../copy-example.ts";
import { quiet } from "../commands.ts";
import { linkFairway } from "../link.ts";
import { expect, type Narrator } from "../narrator.ts";
import type { Scene } from "../perform.ts";
import { Shop } from "../shop.ts";
import { Buyers, type Period } from "./buyers.ts";
import type { Row } from "./summary.ts";
import { together } from "./together.ts";

/** What a rollout is, and what has to come of it. */
export interface Rollout {
  readonly title: string;
  /** The release that serves before it, and the one that serves after it. */
  readonly from: string;
  readonly to: string;
  readonly words: readonly string[];
  readonly says: readonly string[];
}

/** The shop, its customers, and what was seen of them. */
export class Stage {
  readonly narrator: Narrator;
  readonly shop: Shop;
  readonly rows: Row[] = [];
  #buyers: Buyers | undefined;
  /** True from the first moment in which something of it may run. */
  #deployed = false;

  constructor({ directory, narrator }: Scene) {
    this.narrator = narrator;
    this.shop = new Shop(join(directory, "shop"), narrator);
  }

  /** A copy of the shop whose first release is live, and customers who come from now on; answers its version. */
  async setUp(): Promise<string> {
    const { directory } = this.shop;
    await copyCommittedFiles("examples/shop", directory);
    await linkFairway(join(directory, "node_modules"));
    await writeFile(join(directory, ".gitignore"), `${await this.#read(".gitignore")}.fairway/\n`);
    const config = parseDocument(await this.#read("fairway.yaml"));
    config.setIn(["environments", "local", "services"], config.createNode({ api: { replicas: 4 } }));
    await writeFile(join(directory, "fairway.yaml"), config.toString({ lineWidth: 0 }));
    await this.shop.show("git", ["init", "--quiet", "--initial-branch=main"]);
    await commitAll(directory, "The shop, with four replicas of its api", {});
    const first = await this.head();
    this.#deployed = true;
    await this.fairway(0, ["deploy", "--env", "local"], `${first} is live in local`);
    const { api, web } = await this.shop.addresses();
    this.narrator.say(
      `\n80 requests a second to ${api} and ${web}, from now until the end: orders, each with an\n` +
        "address of its own, and looks at orders of this moment, of a moment ago, and of long ago. An answer with\n" +
        "another address, or with none, is a failure. Nothing is tried twice.",
    );
    this.#buyers = new Buyers({ api, web });
    await sleep(2_000);
    return first;
  }

  /** Commits one of the shop's prepared changes, and shows what it does to the database and to the code; answers its version. */
  async apply(patch: string): Promise<string> {
    const who = ["-c", "user.name=Ada Marsh", "-c", "user.email=ada@harbour.example"];
    const am = ["am", "--quiet", "--ignore-date", `releases/${patch}`];
    const exitCode = await this.shop.show("git", [...who, "-c", "commit.gpgsign=false", ...am]);
    expect(exitCode === 0, `releases/${patch} does not apply`);
    const shown = ["packages/database", "apps/api/src"];
    await this.shop.show("git", ["--no-pager", "show", "--format=%h %an: %s", "--unified=1", "--", ...shown]);
    return this.head();
  }

  async head(): Promise<string> {
    const ask = ["rev-parse", "--short=7", "HEAD"];
    return (await execa("git", ask, { cwd: this.shop.directory, ...quiet })).stdout;
  }

  /** Runs `npx fairway <words>`; it must end and speak as expected. */
  async fairway(exitCode: number, words: readonly string[], ...says: readonly string[]): Promise<string> {
    return this.shop.expectHeard(exitCode, ["npx", "fairway", ...words], says);
  }

  /** Something that must leave everything as it is: what serves, and what is in the database. */
  async changesNothing(
    live: string,
    columns: readonly string[],
    work: () => Promise<unknown>,
  ): Promise<void> {
    await work();
    const { report } = await this.#sinceThen();
    const answered = Object.keys(report.versions);
    expect(
      answered.join() === live,
      `the api was served by ${answered.join(", ") || "nobody"}, not by ${live}`,
    );
    const status = await this.shop.status();
    expect(status.live === live, `${String(status.live)} is live, not ${live}`);
    await this.expectColumns(columns);
    this.narrator.promise(
      `${live} serves as before: ${number(report.sent)} requests meanwhile, and none of them failed`,
    );
  }

  /** A release takes the place of another: both serve at once, each reads what the other wrote, and nothing fails. */
  async rollOut({ title, from, to, words, says }: Rollout): Promise<void> {
    const began = performance.now();
    await this.fairway(0, words, ...says);
    const seconds = (performance.now() - began) / 1_000;
    const { report, answers, readings } = await this.#sinceThen();
    expect((await this.shop.status()).live === to, `${to} is not live`);
    const both = together(answers, readings, from, to);
    expect(both.milliseconds > 0, `${from} and ${to} did not serve at the same time`);
    const [later, earlier] = [both.oldReadByNew, both.newReadByOld];
    expect(later > 0, `${to} read no order that ${from} had written`);
    expect(earlier > 0, `${from} read no order that ${to} had written`);
    this.rows.push({ title, from, to, seconds, sent: report.sent, failed: report.failed, both });
    this.narrator.promise(
      `${number(report.sent)} requests, none failed. For ${(both.milliseconds / 1_000).toFixed(1)} s both served: ${number(both.ofOld)} answers of ${from}, ${number(both.ofNew)} of ${to}`,
    );
    this.narrator.promise(
      `${to} read ${number(later)} orders that ${from} had written, and ${from} ${number(earlier)} of ${to}: each was right`,
    );
  }

  async expectColumns(columns: readonly string[]): Promise<void> {
    const sql =
      "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'Order' AND column_name LIKE '%Email' ORDER BY 1";
    const found = (await this.ask<{ name: string }>(sql)).map(({ name }) => name);
    expect(found.join() === columns.join(), `Order has ${found.join(", ")}, not ${columns.join(", ")}`);
  }

  /** Asks the database itself. */
  ask<T extends Record<string, unknown>>(sql: string): Promise<T[]> {
    return queryLocalDatabase<T>(join(this.shop.directory, ".fairway/environments/local"), sql);
  }

  /** No more customers; each order that was ever taken is looked at once more. */
  async readAll(live: string): Promise<number> {
    await this.#sinceThen();
    const buyers = this.#customers();
    const { report, readings } = await buyers.readAll();
    expectNoFailure(report);
    const all = readings.length === buyers.orders && readings.every(({ readBy }) => readBy === live);
    expect(
      all && buyers.orders > 0,
      `only ${String(readings.length)} of ${String(buyers.orders)} orders were read`,
    );
    buyers.stop();
    return buyers.orders;
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    this.#buyers?.stop();
    await this.shop.stop(signal);
  }

  async down(): Promise<void> {
    const exitCode = await this.shop.down();
    expect(exitCode === 0, `fairway down ended with ${String(exitCode)}`);
    this.#deployed = false;
  }

  async close(keep: boolean): Promise<void> {
    this.#buyers?.stop();
    if (this.#deployed && !keep) await this.down().catch(() => undefined);
  }

  /** What customers saw since this was last asked; nothing of it may have failed. */
  async #sinceThen(): Promise<Period> {
    const period = await this.#customers().period();
    expectNoFailure(period.report);
    expect(period.report.sent > 0, "no request was sent");
    return period;
  }

  #customers(): Buyers {
    if (this.#buyers === undefined) throw new Error("nobody comes before the shop is open");
    return this.#buyers;
  }

  #read(file: string): Promise<string> {
    return readFile(join(this.shop.directory, file), "utf8");
  }
}

function expectNoFailure({ sent, failed, failures }: Period["report"]): void {
  const [first] = failures;
  const where =
    first && `; ${first.reason} of ${String(first.version)}: ${first.first.request}: ${first.first.detail}`;
  expect(failed === 0, `${number(failed)} of ${number(sent)} requests failed${where ?? ""}`);
}

function number(value: number): string {
  return value.toLocaleString("en");
}
