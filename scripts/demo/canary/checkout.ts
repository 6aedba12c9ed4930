import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parseDocument } from "yaml";
import { commitAll, copyCommittedFiles } from "../../copy-example.ts";
import { Commands, quiet } from "../commands.ts";
import { linkFairway } from "../link.ts";

/** What a commit changes of how the checkout behaves; see its behaviour.js. */
export interface Behaviour {
  readonly milliseconds: number;
  readonly errorPercent: number;
  readonly soundSeconds: number;
}

export interface CheckoutStatus {
  readonly live: string | null;
  readonly url: string;
  readonly replicas: readonly { readonly version: string; readonly beside: boolean }[];
  /** What gets a part of the visitors, or all of them before it has taken over; null for nothing. */
  readonly weight: { readonly version: string; readonly percent: number } | null;
}

/** What one analysis has seen at its last look. */
export interface Judged {
  readonly ending: "pass" | "fail" | "insufficient";
  readonly percent: number;
  /** Requests of the new version, of the limit that has the fewest. */
  readonly samples: number;
}

const repository = "scripts/demo/canary/checkout";

/** A small service in a repository of its own, driven by the commands that its developers would type. */
export class Checkout extends Commands {
  /** With Fairway linked to this checkout. Answers the first commit. */
  async create(): Promise<string> {
    await copyCommittedFiles(repository, this.directory);
    await writeFile(join(this.directory, ".gitignore"), "node_modules\n.fairway/\n");
    await linkFairway(join(this.directory, "node_modules"));
    await this.show("git", ["init", "--quiet", "--initial-branch=main"]);
    return this.#commit("The checkout, with Fairway");
  }

  /** A commit that changes how it behaves; answers its version. */
  async behave(message: string, changes: Partial<Behaviour>): Promise<string> {
    const file = join(this.directory, "behaviour.js");
    let text = await readFile(file, "utf8");
    for (const [name, value] of Object.entries(changes)) {
      text = text.replace(new RegExp(`\\b${name}: .*,`), `${name}: ${String(value)},`);
    }
    await writeFile(file, text);
    return this.#commit(message);
  }

  /** As it was before the last commit; answers the version of the commit that says so. */
  async revert(): Promise<string> {
    const who = ["-c", "user.name=Ada Marsh", "-c", "user.email=ada@harbour.example"];
    await execa("git", [...who, "revert", "--no-edit", "HEAD"], { cwd: this.directory, ...quiet });
    return this.#head();
  }

  /** The strategy of the environment from this commit on. */
  async strategy(message: string, strategy: Readonly<Record<string, unknown>>): Promise<string> {
    const file = join(this.directory, "fairway.yaml");
    const config = parseDocument(await readFile(file, "utf8"));
    config.setIn(["environments", "local", "strategy"], config.createNode(strategy));
    await writeFile(file, config.toString({ lineWidth: 0 }));
    return this.#commit(message);
  }

  /** Runs `npx fairway <words>`; it must end and speak as expected. */
  async fairway(exitCode: number, words: readonly string[], ...says: readonly string[]): Promise<string> {
    return this.expectHeard(exitCode, ["npx", "fairway", ...words], says);
  }

  async status(): Promise<CheckoutStatus> {
    const [environment] = (await this.#json(["status", "--env", "local"])) as StatusJson[];
    const [service] = environment?.observed.services ?? [];
    return {
      live: environment?.live?.version ?? null,
      url: service?.url ?? "",
      replicas: (service?.replicas ?? []).map(({ version, beside = false }) => ({ version, beside })),
      weight: service?.weight ?? null,
    };
  }

  /** What the analyses of the last deployment have seen, as the change record proves it. */
  async judged(): Promise<readonly Judged[]> {
    const [last] = (await this.#json(["history", "--env", "local"])) as { id: string }[];
    const record = (await this.#json(["record", "--deployment", last?.id ?? ""])) as RecordJson;
    return record.predicate.events.flatMap(({ payload: { analysis } }) => {
      if (analysis === undefined) return [];
      const { ending, percent, verdicts } = analysis;
      return [{ ending, percent, samples: Math.min(...verdicts.map(({ samples }) => samples)) }];
    });
  }

  async #json(words: readonly string[]): Promise<unknown> {
    const ask = ["fairway", ...words, "--format", "json"];
    const { stdout } = await execa("npx", ask, { cwd: this.directory, ...quiet });
    return JSON.parse(stdout) as unknown;
  }

  async #commit(message: string): Promise<string> {
    await commitAll(this.directory, message, {});
    await this.show("git", ["--no-pager", "show", "--format=%h %an: %s", "--unified=0", "--", ...sources]);
    return this.#head();
  }

  async #head(): Promise<string> {
    const ask = ["rev-parse", "--short=7", "HEAD"];
    return (await execa("git", ask, { cwd: this.directory, ...quiet })).stdout;
  }
}

const sources = ["behaviour.js", "fairway.yaml"];

interface StatusJson {
  readonly live: { readonly version: string } | null;
  readonly observed: {
    readonly services: readonly {
      readonly url: string;
      readonly weight?: { readonly version: string; readonly percent: number };
      readonly replicas: readonly { readonly version: string; readonly beside?: boolean }[];
    }[];
  };
}

interface RecordJson {
  readonly predicate: {
    readonly events: readonly {
      readonly payload: {
        readonly analysis?: {
          readonly ending: Judged["ending"];
          readonly percent: number;
          readonly verdicts: readonly { readonly samples: number }[];
        };
      };
    }[];
  };
}
