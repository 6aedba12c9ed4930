import type { File } from "@dagger.io/dagger";
import { expect, it } from "vitest";
import { submitApproval } from "../../src/delivery/approvals.ts";
import { policyInForce } from "../../src/delivery/gating.ts";
import type { Json } from "../../src/model/canonical-json.ts";
import type { Plan } from "../../src/model/plan.ts";
import { approvalEventType, approvalStatement } from "../../src/release/gates/approvals/approvals.ts";
import { ungated } from "../../src/release/gates/gating.ts";
import { planHash } from "../../src/release/plan/plan.ts";
import { makePlan } from "../../src/release/release.ts";
import { failureOf } from "../support/failure-of.ts";
import { fakeDelivery } from "../support/fake-delivery.ts";
import { candidateOf, releaseOf } from "../support/releases.ts";
import { simulationForEachTest } from "../support/simulation/each-test.ts";
import { ed25519Signer, type SshSigner } from "../support/ssh-signer.ts";

const environment = "production";
const config = (approvals = "{ required: 1, signers: signers }") =>
  "name: shop\nservices:\n  web: { dockerfile: Dockerfile, port: 3000, ready: /ready }\n" +
  `environments:\n  production: { target: local, approvals: ${approvals} }\n`;
const [ada, mallory] = [ed25519Signer("ada"), ed25519Signer("mallory")];
const signers = `ada@example.com ${ada.publicKey}\n`;
const anotherHash = `sha256:${"0".repeat(64)}`;
const here = simulationForEachTest(() => ({ environment }));

it("is written down when its key is one of those that count", async () => {
  const text = await submit(ada, await planned());
  expect(text).toMatch(/^approved: plan sha256:[0-9a-f]{64} for production, with SHA256:\S+, until \S+\.$/);
  expect(await written()).toHaveLength(1);
});

it("is refused when the signers that count for its plan do not have its key, and nothing is written", async () => {
  const error = await failureOf(submit(mallory, await planned()));
  expect(error).toMatchObject({ code: "APPROVAL_REFUSED", exitCode: 2, place: "signers" });
  expect(error.message).toMatch(
    /its key SHA256:\S+ is not in the signers that counts. Nothing was written\.$/,
  );
  expect(await written()).toEqual([]);
});

it("says what a signers file is like where there is none", async () => {
  const error = await failureOf(submit(ada, await planned({}), {}));
  expect(error).toMatchObject({ code: "APPROVAL_REFUSED", exitCode: 2 });
  expect(error.message).toMatch(/nobody can approve: signers is not there.*ada@example.com ssh-ed25519 AAAA/);
});

it("is written down with a doubt where the commit that is deployed may bring other signers", async () => {
  const plan = await planned();
  const text = await submit(mallory, {
    ...plan,
    policy: { ...plan.policy, hash: anotherHash },
  });
  expect(text).toMatch(
    /\nMay not count: its key .* is not in the signers that counts; that is the file of this checkout/,
  );
  expect(await written()).toHaveLength(1);
});

it("is refused when its plan is stale: it is about another state of the environment", async () => {
  const plan = await planned();
  await here.ledger.append({
    environment,
    deployment: null,
    type: "environment-stopped",
    actor: "grace",
    payload: {},
  });
  const error = await failureOf(submit(ada, plan));
  expect(error).toMatchObject({ code: "PLAN_STALE", exitCode: 3 });
  expect(error.message).toMatch(/has changed since the plan was made: .*Nothing was written\.$/);
  expect(await written()).toEqual([]);
});

it("is refused also without the plan at hand when that was applied already", async () => {
  const plan = await planned();
  const payload = {
    planHash: planHash(plan),
    plan,
    release: plan.release,
    action: "deploy",
  } as unknown as Json;
  await here.ledger.append({
    environment,
    deployment: "production-1",
    type: "deployment-started",
    actor: "g",
    payload,
  });
  const error = await failureOf(submit(ada, plan, { signers }, { plan: undefined }));
  expect(error).toMatchObject({ code: "PLAN_STALE", exitCode: 3 });
  expect(error.message).toContain("production-1 has applied it");
});

it("says at once why it does not count though it is written down: who wrote a commit of the plan", async () => {
  const author = { name: "Ada", email: "ada@example.com" };
  const commit = { commit: "c".repeat(40), subject: "feat", author, coAuthors: [] };
  const plan = { ...(await planned()), changes: { complete: true, commits: [commit] } };
  const text = await submit(ada, plan);
  expect(text).toMatch(/\nDoes not count: wrote commits of this plan \(ada@example.com\)\.$/);
  expect(await written()).toHaveLength(1);
});

it("says that nobody is asked where the rules ask for no approval", async () => {
  const open = { ...(await planned()), policy: { hash: anotherHash, commit: null } };
  const text = await submit(ada, open, { signers }, {}, "null");
  expect(text).toContain("May not count: the rules of production ask nobody to approve.");
});

async function planned(files: Record<string, string> = { signers }): Promise<Plan> {
  const delivery = fakeDelivery({ ...here, config: config(), files });
  const inForce = await policyInForce(delivery, await here.state());
  const wanted = candidateOf("v1", { release: releaseOf("v1", ["web"]), smoke: [] });
  return makePlan(wanted, await here.state(), here.context({ gating: { ...ungated, inForce } }));
}

async function submit(
  signer: SshSigner,
  plan: Plan,
  files: Record<string, string> = { signers },
  fields: { readonly plan?: undefined } = {},
  approvals?: string,
): Promise<string> {
  const statement = approvalStatement({
    ...{ decision: "approve", pipeline: "shop", environment, planHash: planHash(plan), reason: null },
    expiresAt: new Date(here.clock.now().getTime() + 3_600_000).toISOString(),
  });
  const text = JSON.stringify({ statement, signature: signer.sign(statement), plan, ...fields });
  const delivery = fakeDelivery({
    ...here,
    files,
    config: config(approvals),
  });
  return submitApproval(delivery, environment, { contents: async () => text } as unknown as File, "text");
}

const written = () => here.ledger.read({ types: [approvalEventType] });
