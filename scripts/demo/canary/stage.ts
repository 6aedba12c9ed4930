import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import type { LoadReport } from "../load/report.ts";
import { expect, type Narrator } from "../narrator.ts";
import type { Scene } from "../perform.ts";
import { startTraffic, trafficText, type Traffic } from "../traffic.ts";
import { Checkout, type Judged } from "./checkout.ts";
import type { Row } from "./summary.ts";

/** A verdict on fewer would prove little. */
export const leastRequests = 1_000;

/** What one scene is about, and what has to come of it. */
export interface Rollout {
  readonly title: string;
  readonly version: string;
  /** Runs the commands of the scene. */
  readonly work: () => Promise<void>;
  /** How each of its analyses has to end; none for a switch. */
  readonly endings: readonly Judged["ending"][];
  /** In words, for the summary. */
  readonly outcome: string;
  /** True where the new version's own answers are errors: those, and no other, are what it was sent back for. */
  readonly isFaulty?: boolean;
}

/** The checkout, its customers, and what has been shown of it. */
export class Stage {
  readonly narrator: Narrator;
  readonly checkout: Checkout;
  readonly rows: Row[] = [];
  #url = "";
  #traffic: Traffic | undefined;
  /** True from the first moment in which something of it may run. */
  #deployed = false;

  constructor({ directory, narrator }: Scene) {
    this.narrator = narrator;
    this.checkout = new Checkout(join(directory, "checkout"), narrator);
  }

  /** A repository with Fairway, and its first release; answers that. */
  async setUp(): Promise<string> {
    const first = await this.checkout.create();
    this.#deployed = true;
    await this.checkout.fairway(0, ["deploy", "--env", "local"], `${first} is live in local`);
    this.#url = (await this.checkout.status()).url;
    return first;
  }

  /** Customers come all the while; what they saw has to be what was foretold. */
  async underLoad(rollout: Rollout): Promise<LoadReport> {
    const { checkout, narrator } = this;
    narrator.say(`\n200 requests a second to ${this.#url}, from now until after the command`);
    const report = await this.#while({ checkout: this.#url }, rollout.work);
    const judged = rollout.endings.length === 0 ? [] : await checkout.judged();
    await this.#settle(rollout, report, judged);
    return report;
  }

  /** A quiet hour: so many requests, and no more. */
  async customers(requests: number): Promise<LoadReport> {
    this.#traffic = startTraffic({ checkout: this.#url, requests: String(requests), rate: "20" });
    return this.#ended(this.#traffic.ended);
  }

  /** Resolves when this share of the visitors gets a version. */
  async untilWeight(version: string, percent: number, isOver: () => boolean): Promise<void> {
    for (;;) {
      const { weight } = await this.checkout.status();
      if (weight?.version === version && weight.percent === percent) return;
      expect(!isOver(), `${version} never got ${String(percent)} % of the visitors`);
      await sleep(250);
    }
  }

  async expectOnly(version: string): Promise<void> {
    const { live, replicas, weight } = await this.checkout.status();
    expect(live === version, `${String(live)} is live, not ${version}`);
    expect(weight === null, `${String(weight?.version)} still gets visitors of its own`);
    const isAlone = replicas.length === 2 && replicas.every((one) => one.version === version && !one.beside);
    expect(isAlone, `what runs is not two replicas of ${version}: ${JSON.stringify(replicas)}`);
  }

  note(row: Row): void {
    this.rows.push(row);
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    this.#traffic?.kill();
    await this.checkout.stop(signal);
  }

  async down(): Promise<void> {
    this.checkout.goOn();
    await this.checkout.fairway(0, ["down", "--env", "local"]);
    this.#deployed = false;
  }

  async close(keep: boolean): Promise<void> {
    if (this.#deployed && !keep) await this.down().catch(() => undefined);
  }

  async #while(options: Readonly<Record<string, string>>, work: () => Promise<void>): Promise<LoadReport> {
    const traffic = startTraffic(options);
    this.#traffic = traffic;
    await sleep(1_000);
    await work();
    await sleep(1_000);
    return this.#ended(traffic.stop());
  }

  async #ended(ending: Promise<LoadReport>): Promise<LoadReport> {
    const report = await ending;
    this.#traffic = undefined;
    console.log(`\n${trafficText(report)}`);
    return report;
  }

  async #settle(rollout: Rollout, report: LoadReport, judged: readonly Judged[]): Promise<void> {
    const { title, version, endings, outcome, isFaulty = false } = rollout;
    const own = report.versions[version] ?? { answered: 0, failed: 0, p95Ms: 0 };
    const ofOthers = report.failed - (isFaulty ? ownErrors(report, version) : 0);
    expect(ofOthers === 0, `${String(ofOthers)} requests failed that are not ${version}'s own errors`);
    expect(!isFaulty || own.failed > 0, `${version} was to fail, and did not`);
    const ended = judged.map(({ ending }) => ending);
    expect(
      ended.join() === endings.join(),
      `its analyses ended with ${ended.join(", ") || "nothing"}, not with ${endings.join(", ")}`,
    );
    for (const { percent, samples, ending } of judged) {
      if (ending === "insufficient") continue;
      const where = `only ${String(samples)} requests reached ${version} at ${String(percent)} %`;
      expect(samples >= leastRequests, where);
    }
    const samples = judged.map(({ percent, samples: count }) => ({ percent, count }));
    this.note({ title, outcome, sent: report.sent, canary: own, samples, failed: ofOthers });
  }
}

/** What the version answered by itself, all of it: nothing that was cut off, or never answered. */
function ownErrors({ failures }: LoadReport, version: string): number {
  return failures.reduce(
    (sum, failure) =>
      sum + (failure.version === version && failure.reason === "status 500" ? failure.count : 0),
    0,
  );
}
