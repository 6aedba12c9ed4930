import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { Commands, quiet } from "./commands.ts";
import type { ShopAddresses } from "./load/mix.ts";
import { expect } from "./narrator.ts";

const commits = fileURLToPath(new URL("commits", import.meta.url));

/** What `fairway status --json` says of the one environment of the demo. */
export interface ShopStatus {
  readonly live: string | null;
  readonly addresses: ShopAddresses | null;
  readonly replicas: readonly {
    readonly service: string;
    readonly version: string;
    readonly processId: number;
  }[];
}

/** The user's copy of the shop, driven by the commands that the user would type. */
export class Shop extends Commands {
  /** Runs `npx fairway <words>` before the audience's eyes; answers its exit code. */
  async fairway(...words: string[]): Promise<number> {
    return this.show("npx", ["fairway", ...words]);
  }

  async expectFairway(exitCode: number, ...words: string[]): Promise<void> {
    const answered = await this.fairway(...words);
    expect(answered === exitCode, `fairway ${words.join(" ")} ended with ${answered}, not with ${exitCode}`);
  }

  /** Applies the prepared commit whose file name begins with `number`, under its author's name. */
  async applyCommit(number: string): Promise<void> {
    const patch = (await readdir(commits)).find((file) => file.startsWith(number));
    if (patch === undefined) throw new Error(`there is no prepared commit ${number} in ${commits}`);
    const committer = [
      "-c",
      "user.name=Ada Marsh",
      "-c",
      "user.email=ada@harbour.example",
      "-c",
      "commit.gpgsign=false",
    ];
    const am = ["am", "--quiet", "--ignore-date", join(commits, patch)];
    await execa("git", [...committer, ...am], { cwd: this.directory, ...quiet });
    await this.show("git", ["--no-pager", "log", "-1", "--stat", "--format=%h %an: %s"]);
  }

  async status(): Promise<ShopStatus> {
    const ask = ["fairway", "status", "--env", "local", "--format", "json"];
    const { stdout } = await execa("npx", ask, { cwd: this.directory, ...quiet });
    return parseStatus(stdout);
  }

  async addresses(): Promise<ShopAddresses> {
    const { addresses } = await this.status();
    expect(addresses !== null, "fairway status names no address of api and web");
    return addresses;
  }

  /** The last command: stops everything that runs in the environment. */
  async down(): Promise<number> {
    this.goOn();
    return this.fairway("down", "--env", "local");
  }
}

interface StatusJson {
  readonly live: { readonly version: string } | null;
  readonly observed: {
    readonly services: readonly {
      readonly name: string;
      readonly url: string | null;
      readonly replicas: readonly { readonly version: string; readonly processId: number }[];
    }[];
  };
}

function parseStatus(text: string): ShopStatus {
  const [environment] = JSON.parse(text) as StatusJson[];
  const services = environment?.observed.services ?? [];
  const urlOf = (name: string) => services.find((service) => service.name === name)?.url ?? null;
  const [api, web] = [urlOf("api"), urlOf("web")];
  return {
    live: environment?.live?.version ?? null,
    addresses: api === null || web === null ? null : { api, web },
    replicas: services.flatMap(({ name, replicas }) =>
      replicas.map(({ version, processId }) => ({ service: name, version, processId })),
    ),
  };
}
