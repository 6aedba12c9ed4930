import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { systemClock, type Clock } from "../../../src/model/clock.ts";
import { readState, resume } from "../../../src/release/release.ts";
import { failureOf } from "../../support/failure-of.ts";
import { contextIn, databaseIn, type Place } from "./place.ts";
import type { Position } from "./positions.ts";
import type { Order } from "./process.ts";

export { contextIn, stateIn, type Place } from "./place.ts";
export { during, positionsOf, type Position } from "./positions.ts";
export { carryOut, type Wish } from "./wishes.ts";
export type { Cut } from "./killing.ts";

const script = fileURLToPath(new URL("process.ts", import.meta.url));

/**
 * Lets a process of its own carry an order out; answers the signal that ended it. Whoever else is to kill it reads its id in
 * `processIdFile`.
 */
export async function endOf(order: Order, processIdFile?: string): Promise<string | null> {
  const child = spawn(process.execPath, [script, JSON.stringify(order)], { stdio: "inherit" });
  if (processIdFile !== undefined) writeFileSync(processIdFile, String(child.pid));
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  return signal;
}

/** The dead holder's lease is over: the clock of the one who comes next is that much later. */
const afterItsLease: Clock = { ...systemClock, now: () => new Date(Date.now() + 31_000) };

export const laterContextIn = (place: Place) => contextIn(place, afterItsLease);

/**
 * Resumes as a person would: a restore by script of which nobody can tell whether it happened is held, and he says what he
 * finds.
 */
export async function resumeAt(place: Place, { leaves, underWay }: Position): Promise<void> {
  if (place.database === "foreign" && underWay?.kind === "restore") {
    const before = await databaseOf(place);
    const held = await failureOf(resume(await laterContextIn(place), { answer: null }));
    expect(held).toMatchObject({ code: "OPERATION_UNKNOWN", exitCode: 3 });
    expect(await databaseOf(place)).toEqual(before);
    await resume(await laterContextIn(place), { answer: underWay.state });
    return;
  }
  const outcome = await resume(await laterContextIn(place), { answer: null });
  expect(outcome === null).toBe(leaves !== "a part");
}

async function databaseOf(place: Place) {
  const database = databaseIn(place, (await contextIn(place)).target);
  return { migrations: await database.migrations(), stored: await database.backups() };
}

/** What is in the ledger and in the database, where two runs have it in common. */
export async function endingOf(place: Place) {
  const context = await contextIn(place);
  const { live, line, deployments, backups, unsettled } = await readState(context);
  const last = deployments.at(-1)!;
  const finished = await context.ledger.read({ deployment: last.id, types: ["operation-finished"] });
  return {
    live: live?.release.version,
    line: line.map(({ release }) => release.version),
    outcomes: deployments.map(({ id, outcome }) => `${id} ${outcome}`),
    operations: last.plan.operations.map(({ kind }) => kind),
    /** The places of the last deployment's operations, each as often as the journal says that it was finished. */
    finished: finished.map(({ payload }) => (payload as { index: number }).index),
    /** As the ledger has them. */
    backups: backups.map(
      ({ id, of, migrations }) =>
        `${id}: ${of?.release.version ?? "nothing"} with ${migrations.map(({ name }) => name).join(", ")}`,
    ),
    unsettled,
    ...(await databaseOf(place)),
  };
}
