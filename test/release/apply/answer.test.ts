import { describe, expect, it } from "vitest";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { resumeDeployment } from "../../../src/delivery/recovery.ts";
import type { Json } from "../../../src/model/canonical-json.ts";
import type { Operation, Plan } from "../../../src/model/plan.ts";
import { whyNot } from "../../../src/release/gates/may-answer.ts";
import { planHash } from "../../../src/release/plan/plan.ts";
import { readState, resume } from "../../../src/release/release.ts";
import { deploymentFindings } from "../../../src/release/verify/verify.ts";
import { historyJson } from "../../../src/report/history.ts";
import { deriveRecord, recordHtml, recordMarkdown, recordText } from "../../../src/report/record/record.ts";
import { failureOf } from "../../support/failure-of.ts";
import { executors } from "../../../src/testing/testing.ts";
import { candidateOf, releaseOf } from "../../support/releases.ts";
import { simulationForEachTest } from "../../support/simulation/each-test.ts";
import { granted } from "../../providers/ledgers/contract.ts";

/** Of a database that cannot be asked what it has. */
const here = simulationForEachTest(({ database }) => ({
  executors: executors({ ...database.executors, migrationState: async () => "unknown" }),
}));
const { context } = here;

/** A deploy whose process died with two migrations begun, and no word of the end of either. */
async function cutOffTwice(started: Record<string, Json> = {}, gates: Plan["gates"] = []): Promise<void> {
  await here.deploy(candidateOf("v1", { release: releaseOf("v1", ["web"]), smoke: [] }));
  const events = await here.ledger.read();
  const first = events.find(({ type }) => type === "deployment-started")!.payload as unknown as {
    plan: Plan;
  };
  const migrate = (name: string): Operation => ({ kind: "migrate", migrations: [{ name, phase: "expand" }] });
  const operations = [migrate("2_a"), migrate("3_b"), ...first.plan.operations].map((operation) =>
    operation.kind === "replace-replica" ? { ...operation, version: "v2" } : operation,
  );
  const { lastChange } = await readState(context());
  const plan: Plan = {
    ...first.plan,
    ...{ release: releaseOf("v2", ["web"]), from: first.plan.release, operations, gates, after: lastChange },
  };
  await writing(async (write) => {
    await write("deployment-started", {
      ...(first as unknown as Record<string, Json>),
      ...{
        plan: plan as unknown as Json,
        release: plan.release as unknown as Json,
        planHash: planHash(plan),
      },
      ...started,
    });
    for (const index of [0, 1]) {
      const operation = operations[index] as unknown as Json;
      await write("operation-started", { index, wayBack: false, operation });
    }
  });
}

type Write = (type: string, payload: Record<string, Json>) => Promise<unknown>;

/** What ada's deploy writes down while it holds the lease. */
async function writing(work: (write: Write) => Promise<unknown>): Promise<void> {
  const of = { environment: "local", deployment: "local-2", actor: "ada@laptop" };
  const asking = { environment: "local", holder: of.actor, purpose: "a deploy", ttlSeconds: 30 };
  const lease = granted(await here.ledger.acquire(asking));
  await work((type, payload) => here.ledger.append({ ...of, type, payload }, lease));
  await here.ledger.release(lease);
}

describe("what a person says of an operation", () => {
  it("settles that one and no other: the next is asked about, and nothing is asked twice", async () => {
    await cutOffTwice();
    const asked = await failureOf(resume(context(), { answer: null }));
    expect(asked.message).toContain('"migrate the database: 2_a" (operation 1 of 4)');
    expect(asked.remedy).toContain("npx fairway resume --env local --answer done --operation 1 ");

    const before = (await here.ledger.read()).length;
    const next = await failureOf(resume(context({ actor: "bob@desk" }), { answer: "done", operation: 1 }));
    expect(next).toMatchObject({ code: "OPERATION_UNKNOWN", exitCode: 3 });
    expect(next.message).toContain('"migrate the database: 3_b" (operation 2 of 4)');
    expect(next.message).toContain("What was said of operation 1 (bob@desk) is written down.");
    expect(next.remedy).toContain("npx fairway resume --env local --answer not-done --operation 2 ");
    expect((await here.ledger.read()).slice(before)).toMatchObject([
      { type: "operation-answered", actor: "bob@desk", payload: { index: 0, answer: "done" } },
    ]);
    expect(here.database.migrations).toEqual([]);

    expect((await failureOf(resume(context(), { answer: null }))).message).toContain("operation 2 of 4");
    await resume(context(), { answer: "not done", operation: 2 });
    expect(here.database.migrations).toEqual(["3_b"]);
    const state = await readState(context());
    expect(state.live?.release.version).toBe("v2");
    expect(state.deployments[1]?.operations[0]?.observed).toBe("bob@desk says that it is done");
  });

  it("without a number is about the one that is asked about, and stands for nothing more", async () => {
    await cutOffTwice();
    expect((await failureOf(resume(context(), { answer: "not done" }))).message).toContain(
      "operation 2 of 4",
    );
    expect(here.database.migrations).toEqual([]);
    await resume(context(), { answer: "done" });
    expect(here.database.migrations).toEqual(["2_a"]);
  });

  it("that is not asked about settles nothing", async () => {
    await cutOffTwice();
    await failureOf(resume(context(), { answer: "done", operation: 1 }));
    const before = await here.ledger.read();
    // Two people saw the same question: the second answers when it is settled already.
    for (const operation of [1, 3, 9]) {
      const late = await failureOf(resume(context(), { answer: "not done", operation }));
      expect(late).toMatchObject({ code: "ANSWER_NOT_ASKED", exitCode: 2, place: "--operation" });
      expect(late.message).toContain('"migrate the database: 3_b" is (operation 2)');
    }
    expect(await here.ledger.read()).toEqual(before);
    expect(here.database.migrations).toEqual([]);
  });

  it("is asked again once the operation was begun again and cut off", async () => {
    await cutOffTwice();
    await failureOf(resume(context(), { answer: "done", operation: 1 }));
    const interrupt = new AbortController();
    const interrupted = context({ signal: interrupt.signal });
    const migrate = async () => {
      interrupt.abort(new Error("SIGINT"));
      throw new Error("cut off");
    };
    const cutting = { ...interrupted, executors: { ...interrupted.executors, migrate } };
    await failureOf(resume(cutting, { answer: "not done", operation: 2 }));
    const again = await failureOf(resume(context(), { answer: null }));
    expect(again.message).toContain("(operation 2 of 4)");
    await resume(context(), { answer: "done", operation: 2 });
    expect((await readState(context())).live?.release.version).toBe("v2");
  });

  it("is not asked for on the way back", async () => {
    await cutOffTwice();
    await writing((write) => write("deployment-going-back", { message: "too slow" }));
    const late = await failureOf(resume(context(), { answer: "done", operation: 1 }));
    expect(late).toMatchObject({ code: "ANSWER_NOT_ASKED" });
    expect(late.message).toContain('"migrate the database: 2_a" is not asked about, nothing is');
    expect(await failureOf(resume(context(), { answer: null }))).toMatchObject({ code: "ROLLED_BACK" });
  });

  it.each([
    [{ answer: "", operation: 3 }, "there is no answer for --operation"],
    [{ answer: "done", operation: -1 }, "-1 is no operation"],
    [{ answer: "yes", operation: 0 }, '"yes" is no answer'],
  ])("that makes no sense is told before anything is looked at: %o", async (given, says) => {
    const delivery = { command: "npx fairway" } as unknown as Delivery;
    expect(await failureOf(resumeDeployment(delivery, "local", given, "text"))).toMatchObject({
      ...{ code: "ANSWER_UNKNOWN", exitCode: 2, message: says },
    });
  });

  it("stands in the record and the history, with who said it, and verify holds it to the plan", async () => {
    await cutOffTwice();
    await failureOf(resume(context({ actor: "bob@desk" }), { answer: "done", operation: 1 }));
    await resume(context(), { answer: "not done", operation: 2 });
    const events = await here.ledger.read();
    expect(deploymentFindings(events)).toEqual([]);
    const record = deriveRecord(events, "local-2", events[0]!.hash)!;
    expect(record.answers).toMatchObject([
      { index: 0, answer: "done", who: "bob@desk" },
      { index: 1, answer: "not done", who: "ada@laptop" },
    ]);
    expect(recordText(record)).toMatch(/said of what could not be seen\n {2}1 {2}done .*2_a {2}bob@desk/);
    expect(recordMarkdown(record)).toContain("| 1 | `migrate the database: 2_a` | `done` | `bob@desk` |");
    expect(recordHtml(record)).toContain("<h2>Said of what could not be seen</h2>");
    const [, cutOff] = (await readState(context())).deployments;
    expect(historyJson([{ kind: "deployment", deployment: cutOff! }])).toMatchObject([
      {
        answers: [
          { index: 0, answer: "done", by: "bob@desk" },
          { index: 1, answer: "not done", stands: false },
        ],
      },
    ]);

    const at = events.findIndex(({ type }) => type === "operation-answered");
    const payload = structuredClone(events[at]!.payload) as unknown as { operation: { kind: string } };
    payload.operation.kind = "smoke";
    const altered = events.with(at, { ...events[at]!, payload: payload });
    expect(deploymentFindings(altered)).toMatchObject([{ code: "LEDGER_BROKEN" }]);
    expect(deriveRecord(events, "local-1", events[0]!.hash)).not.toHaveProperty("answers");
  });
});

describe("where approvals are asked of others than whoever asks for a deploy", () => {
  const ada = { name: "ada", email: "ada@example.com" };
  const bob = { name: "bob", email: "bob@example.com" };
  const approvals = (asks: Record<string, Json>) => [{ gate: "approvals", asks }] as Plan["gates"];
  const excluding = approvals({ required: 1, excludeRequester: true });

  it("neither they nor nobody in particular may answer, and nothing is written down", async () => {
    await cutOffTwice({ requester: ada }, excluding);
    const before = await here.ledger.read();
    for (const by of [ada, null]) {
      const refused = await failureOf(resume(context(), { answer: "done", by }));
      expect(refused).toMatchObject({ code: "ANSWER_NOT_ALLOWED", exitCode: 3 });
      expect(refused.message).toContain("local takes no answer from whoever asked for local-2");
      expect(refused.remedy).toContain("resume --env local --answer done --operation 1");
    }
    expect(await here.ledger.read()).toEqual(before);
    const next = await failureOf(resume(context({ actor: "bob@desk" }), { answer: "done", by: bob }));
    expect(next).toMatchObject({ code: "OPERATION_UNKNOWN" });
  });

  it.each([
    ["which lets them approve", approvals({ required: 1, excludeRequester: false })],
    ["that were passed by", [{ ...excluding[0]!, skipped: true }]],
    ["of which there are none", []],
  ])("%s, anybody who may deploy may", async (_, gates) => {
    await cutOffTwice({ requester: ada }, gates);
    expect(await failureOf(resume(context(), { answer: "done", by: ada }))).toMatchObject({
      code: "OPERATION_UNKNOWN",
    });
  });

  const known = { requestedAt: "laptop", at: "desk", people: [], approvedBy: [] };
  const unknown = { name: "dagger", email: null };
  it.each([
    ["another address", { by: bob, requester: ada }, null],
    [
      "the same address in other letters",
      { by: { ...bob, email: "Ada@Example.com" }, requester: ada },
      "was you",
    ],
    ["the same name", { by: { name: "ada", email: null }, requester: ada }, "was you"],
    ["a name alone, from elsewhere", { by: { name: "bob", email: null }, requester: ada }, "cannot be told"],
    [
      "another name at the same place",
      { by: { name: "bob", email: null }, requester: ada, at: "laptop" },
      null,
    ],
    ["nobody in particular", { by: null, requester: ada }, "inside of an engine"],
    ["somebody, where it is not known who asked", { by: bob, requester: null }, "nobody did"],
    [
      "somebody, where an engine asked",
      { by: bob, requester: unknown, approvedBy: ["eve@example.com"] },
      "eve",
    ],
    [
      "who approved, where an engine asked",
      { by: bob, requester: unknown, approvedBy: ["bob@example.com"] },
      null,
    ],
  ])("%s", (_, who, why) => {
    const answer = whyNot({ ...known, ...who });
    if (why === null) expect(answer).toBeNull();
    else expect(answer).toContain(why);
  });
});
