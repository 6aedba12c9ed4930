import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { canonicalJson, type Json } from "../src/model/canonical-json.ts";
import { systemClock } from "../src/model/clock.ts";
import { chain, firstPreviousHash } from "../src/model/event-chain.ts";
import type { LedgerEvent, NewLedgerEvent } from "../src/model/ledger.ts";
import { openSqliteLedger } from "../src/providers/ledgers/sqlite.ts";
import { readState, resume } from "../src/release/release.ts";
import { plannedChange } from "../test/support/change.ts";
import { releaseContext, simulatedTarget } from "../src/testing/testing.ts";
import { paired, type Paired } from "./paired.ts";

const environment = "production";
const events = 100_000;

/** What it costs to know an environment from a long journal, and to go on with what was cut off, over reading the same rows. */
export async function journal(): Promise<Paired[]> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  const path = join(directory, "ledger.db");
  const ledger = await openSqliteLedger(path, systemClock);
  const bare = new DatabaseSync(path);
  try {
    fill(bare);
    const select = bare.prepare("SELECT * FROM events WHERE environment = ? ORDER BY sequence");
    const peer = async () => {
      for (const { payload } of select.all(environment)) JSON.parse(payload as string);
    };
    // It stays as it is, so that each resume finds the same.
    const [last] = await ledger.read({ afterSequence: events - 1 });
    const unwritten = { ...ledger, append: async () => last! };
    const context = () =>
      releaseContext({
        environment,
        ledger: unwritten,
        target: simulatedTarget(environment),
        clock: systemClock,
      });
    const subjects = {
      "state of an environment": async () => void (await readState({ environment, ledger })),
      "resume of a deploy that was cut off": async () => {
        const outcome = await resume(context(), { answer: null });
        if (outcome === null) throw new Error("there was nothing to resume");
      },
    };
    const figures: Paired[] = [];
    for (const [name, work] of Object.entries(subjects)) {
      figures.push(
        await paired(
          `${name}, from 100,000 events in SQLite, over a bare SELECT and JSON.parse of them`,
          [name, work],
          ["SELECT, JSON.parse", peer],
        ),
      );
    }
    return figures;
  } finally {
    bare.close();
    await ledger.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Deploys, one after the other; the last one is in its second operation. In one transaction, as no ledger would write. */
function fill(database: DatabaseSync): void {
  const insert = database.prepare(
    `INSERT INTO events (sequence, at, environment, deployment, type, actor, payload, previous_hash, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const at = new Date().toISOString();
  let last: Pick<LedgerEvent, "sequence" | "hash"> = { sequence: 0, hash: firstPreviousHash };
  database.exec("BEGIN");
  for (const event of deploys()) {
    if (last.sequence === events) break;
    const { sequence, deployment, type, actor, payload, previousHash, hash } = chain(
      event,
      last.sequence,
      last.hash,
      at,
    );
    const text = canonicalJson(payload);
    insert.run(sequence, at, environment, deployment, type, actor, text, previousHash, hash);
    last = { sequence, hash };
  }
  database.exec("COMMIT");
}

function* deploys(): Generator<NewLedgerEvent> {
  const note = { environment, deployment: null, actor: "ada@laptop", type: "note", payload: {} };
  // Each deploy has eight events: with four before them the last one is half done.
  for (let index = 0; index < 4; index += 1) yield note;
  for (let number = 1; ; number += 1) {
    const version = `v${String(number)}`;
    const planned = plannedChange();
    const plan = { ...planned, environment, release: { ...planned.release, version } };
    const event = (type: string, payload: Json): NewLedgerEvent => ({
      ...{ environment, deployment: `${environment}-${String(number)}`, actor: "ada@laptop", type, payload },
    });
    const started = { action: "deploy", release: plan.release, planHash: "sha256:0", plan, reason: null };
    yield event("deployment-started", started as unknown as Json);
    for (const [index, operation] of plan.operations.entries()) {
      const payload = { index, wayBack: false, operation: operation as unknown as Json };
      yield event("operation-started", payload);
      yield event("operation-finished", { ...payload, observed: "done" });
    }
    yield event("deployment-succeeded", {});
  }
}
