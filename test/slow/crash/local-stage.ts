import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopEnvironment, type Strategy } from "../../../src/release/release.ts";
import { contextIn, endingOf, laterContextIn, stateIn, carryOut, type Place, type Wish } from "./crash.ts";

export interface LocalStage extends AsyncDisposable {
  readonly place: Place;
  /** Everything that the releases have left behind, and that two runs have in common. */
  ending(): Promise<LocalEnding>;
}

export interface LocalEnding extends Awaited<ReturnType<typeof endingOf>> {
  /** The version that answers them, or the status where none does. */
  readonly visitors: string;
  readonly keptOut: boolean;
  readonly replicas: readonly string[];
  /** How often a replica of a version was started. */
  readonly starts: Readonly<Record<"v1" | "v2", number>>;
}

/** An environment on this machine in which these were carried out. */
export async function openLocalStage(
  database: Place["database"],
  wishes: readonly Wish[],
  strategy?: Strategy,
): Promise<LocalStage> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-crash-"));
  // Entered by uid 65534, which root runs PostgreSQL as.
  await chmod(directory, 0o755);
  const place: Place = {
    ...{ directory, target: { kind: "local" }, ledger: { kind: "sqlite" }, database },
    ...(strategy === undefined ? {} : { strategy }),
  };
  const context = await contextIn(place);
  for (const wish of wishes) await carryOut(wish, context);
  return {
    place,
    ending: async () => {
      const { services, maintenance } = await context.target.observe();
      return {
        ...(await endingOf(place)),
        visitors: await answerOf((await context.target.urls())["api"] ?? ""),
        keptOut: maintenance !== null,
        replicas: services
          .flatMap((service) => service.replicas)
          .map(({ version, state }) => `${version} ${state}`),
        starts: await startsIn(directory),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await stopEnvironment(await laterContextIn(place), { removeData: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answerOf(url: string): Promise<string> {
  const answer = await fetch(url);
  return answer.ok ? ((await answer.json()) as { version: string }).version : String(answer.status);
}

/** Each replica that was started has a log of its own. */
async function startsIn(directory: string): Promise<LocalEnding["starts"]> {
  const logs = await readdir(join(stateIn(directory), "logs"));
  const count = (version: string) => logs.filter((name) => name.endsWith(`.${version}.log`)).length;
  return { v1: count("v1"), v2: count("v2") };
}
