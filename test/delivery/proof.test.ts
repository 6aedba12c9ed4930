import type { File } from "@dagger.io/dagger";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { record, verify, type RecordFormat } from "../../src/delivery/proof.ts";
import { failure } from "../../src/model/errors.ts";
import type { Ledger } from "../../src/model/ledger.ts";
import { readState, resume, rollBack } from "../../src/release/release.ts";
import { failureOf } from "../support/failure-of.ts";
import { candidateOf, expanding, releaseOf } from "../support/releases.ts";
import { simulationForEachTest } from "../support/simulation/each-test.ts";

const canary = "canary-7f3a-of-the-database";
const here = simulationForEachTest(() => ({ secrets: { TOKEN: canary } }));
const { context } = here;

function delivery(open: () => Promise<Ledger> = async () => here.ledger): Delivery {
  const config = loadConfig(
    "name: shop\nservices:\n  web: { dockerfile: Dockerfile, port: 3000, ready: /ready }\nenvironments:\n  local: { target: local }\n  other: { target: local }\n",
    "fairway.yaml",
  );
  return { config: async () => config, ledger: open, command: "npx fairway" } as unknown as Delivery;
}

const deploy = (version: string, where = context()) =>
  here.deploy(
    candidateOf(version, {
      release: releaseOf(version, ["web"], { secretNames: ["TOKEN"] }),
      migrations: expanding("1_init"),
    }),
    where,
  );

/** A success, one that went back, one that was cut off and resumed, a rollback. */
async function eventful(): Promise<void> {
  await deploy("v1");
  here.target.smokeFails = true;
  await deploy("v2").catch(() => undefined);
  here.target.smokeFails = false;
  const interrupt = new AbortController();
  here.target.onOperation = (title) => {
    if (title.endsWith("web/1")) interrupt.abort(new Error("SIGINT"));
  };
  await deploy("v3", context({ signal: interrupt.signal })).catch(() => undefined);
  here.target.onOperation = () => undefined;
  await resume(context(), { answer: null });
  await rollBack(context(), { reason: "Performance issue" });
}

const fileOf = (text: string) => ({ contents: async () => text }) as unknown as File;

describe("verify", () => {
  it("proves what releases write: a success, a way back, a resumed one, a rollback", async () => {
    await eventful();
    expect((await readState(context())).deployments.map(({ outcome }) => outcome)).toEqual([
      "succeeded",
      "rolled back",
      "succeeded",
      "succeeded",
    ]);
    const text = await verify(delivery(), "local", {}, "text");
    expect(text).toContain("the ledger of local (sqlite) is unbroken");
    expect(text).toMatch(/deployments {2,}4\n/);
    expect(text).toContain("that nothing was cut off at its end");
  });

  it("names environments that share a ledger together, and goes through it once", async () => {
    await deploy("v1");
    const text = await verify(delivery(), "", {}, "text");
    expect(text.match(/is unbroken/g)).toHaveLength(1);
    expect(text).toContain("the ledger of local, other (sqlite)");
  });

  it("takes the head of an earlier time, and says that it is still there", async () => {
    await deploy("v1");
    const { ledgers } = JSON.parse(await verify(delivery(), "local", {}, "json")) as {
      ledgers: { head: { hash: string } }[];
    };
    await deploy("v2");
    const text = await verify(delivery(), "local", { head: ledgers[0]!.head.hash }, "text");
    expect(text).toContain("still there");
    expect(text).not.toContain("cut off");
    const error = await failureOf(verify(delivery(), "local", { head: `sha256:${"0".repeat(64)}` }, "text"));
    expect(error).toMatchObject({ code: "LEDGER_BROKEN", exitCode: 1, place: "the ledger's end" });
  });

  it("ends with 1 and names what was altered, the approval or the plan before the chain", async () => {
    await deploy("v1");
    const events = await here.ledger.read();
    const at = events.findIndex(({ type }) => type === "deployment-started");
    const payload = structuredClone(events[at]!.payload) as unknown as { plan: { pipeline: string } };
    payload.plan.pipeline = "shop2";
    const altered = events.with(at, { ...events[at]!, payload: payload });
    const error = await failureOf(
      verify(
        delivery(async () => ({ ...here.ledger, read: async () => altered })),
        "local",
        {},
        "text",
      ),
    );
    expect(error).toMatchObject({ code: "PLAN_ALTERED", exitCode: 1 });
    expect(error.message).toMatch(
      /plan in event 1 \(deployment-started of local-1\): it has the hash sha256:.*\(and 1 more\)/,
    );
    expect(error.output).toContain("LEDGER_BROKEN  event 1 (deployment-started of local-1)");
    expect(
      await failureOf(
        record(
          delivery(async () => ({ ...here.ledger, read: async () => altered })),
          "local-1",
          "text",
        ),
      ),
    ).toMatchObject({
      code: "PLAN_ALTERED",
    });
  });
});

describe("verify --record", () => {
  it("proves a record of each deployment against its ledger", async () => {
    await eventful();
    for (const id of ["local-1", "local-2", "local-3", "local-4"]) {
      const json = await record(delivery(), id, "json");
      const text = await verify(delivery(), "", { record: fileOf(`${json}\n`) }, "text");
      expect(text).toMatch(
        new RegExp(`^the record of ${id} \\(sha256:[0-9a-f]{64}\\) is what the ledger says`),
      );
    }
  });

  it("ends with 1 for one that was altered", async () => {
    await deploy("v1");
    const json = await record(delivery(), "local-1", "json");
    const altered = fileOf(json.replace("ada@laptop", "eve@laptop"));
    const error = await failureOf(verify(delivery(), "", { record: altered }, "text"));
    expect(error).toMatchObject({ code: "RECORD_ALTERED", exitCode: 1 });
    expect(await failureOf(verify(delivery(), "", { record: fileOf("{") }, "text"))).toMatchObject({
      code: "RECORD_ALTERED",
      place: "--record",
    });
  });

  it("ends with 3 where there is no ledger to ask: it never passes in silence", async () => {
    await deploy("v1");
    const file = fileOf(await record(delivery(), "local-1", "json"));
    const unreachable = delivery(async () => {
      throw failure("the ledger's server does not answer", { code: "LEDGER_UNREACHABLE" });
    });
    const error = await failureOf(verify(unreachable, "", { record: file }, "text"));
    expect(error).toMatchObject({ code: "RECORD_UNPROVEN", exitCode: 3 });
    expect(error.output).toContain("its digest is that of its content");
    expect(error.output).toContain("that its events stand in a ledger: the ledger's server does not answer");
  });

  it("is of its own environment", async () => {
    await deploy("v1");
    const file = fileOf(await record(delivery(), "local-1", "json"));
    expect(await failureOf(verify(delivery(), "other", { record: file }, "text"))).toMatchObject({
      code: "RECORD_ELSEWHERE",
      exitCode: 2,
    });
  });
});

describe("record", () => {
  it("of a deployment that is not there says where they are listed", async () => {
    expect(await failureOf(record(delivery(), "local-9", "text"))).toMatchObject({
      code: "DEPLOYMENT_UNKNOWN",
      exitCode: 2,
      remedy: "npx fairway history",
    });
  });

  it("holds no secret of the release, in any form", async () => {
    await eventful();
    const forms: RecordFormat[] = ["text", "json", "markdown", "html"];
    const encoded = [canary, Buffer.from(canary).toString("base64"), encodeURIComponent(canary)];
    for (const id of ["local-1", "local-2", "local-3", "local-4"]) {
      for (const format of forms) {
        const text = await record(delivery(), id, format);
        // The name of the secret is a part of what was released: without it the test could not fail.
        if (format === "json") expect(text).toContain("TOKEN");
        for (const value of encoded) expect(text).not.toContain(value);
      }
    }
  });
});

it("a record is had without the secrets of the ledgers that other environments have", async () => {
  await deploy("v1");
  const locked = async (name?: string): Promise<Ledger> => {
    if (name === "local") return here.ledger;
    throw failure("the ledger needs a value for LEDGER_TOKEN", { code: "SECRETS_MISSING" });
  };
  const own = delivery(locked);
  expect(await record(own, "local-1", "text")).toContain("change local-1");
  expect((await failureOf(record(own, "other-1", "text"))).code).toBe("SECRETS_MISSING");
  // All of them proven means all of them read.
  expect((await failureOf(verify(own, "", {}, "text"))).code).toBe("SECRETS_MISSING");
});
