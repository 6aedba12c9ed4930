import { createHash } from "node:crypto";
import type { PlannedCommit } from "../src/model/plan.ts";
import type { Observation } from "../src/model/target.ts";
import { ungated } from "../src/release/gates/gating.ts";
import { planHash, planRelease, type PlanInput } from "../src/release/plan/plan.ts";
import { environmentState } from "../src/release/state.ts";
import { planText } from "../src/report/plan.ts";
import { releaseOf } from "../test/support/releases.ts";
import { paired, type Paired } from "./paired.ts";

/** What it costs to plan, hash and show a large change, over only serializing and hashing what comes of it. */
export async function plan(): Promise<Paired[]> {
  const input = largeChange();
  const result = planRelease(input);
  const planned = async () => {
    const made = planRelease(input);
    planText(made, planHash(made), { gates: [], evidence: [] });
  };
  const serialized = async () => {
    createHash("sha256").update(JSON.stringify(result)).digest("hex");
  };
  return [
    await paired(
      "a plan of 50 services and 1,000 commits over JSON.stringify and SHA-256 of it",
      ["20 plans, hashes and texts", () => times(20, planned)],
      ["20 strings and hashes", () => times(20, serialized)],
      21,
    ),
  ];
}

async function times(count: number, work: () => Promise<void>): Promise<void> {
  for (let index = 0; index < count; index += 1) await work();
}

function largeChange(): PlanInput {
  const services = Array.from({ length: 50 }, (_, index) => `service-${String(index)}`);
  const needs = (index: number) => services.slice(Math.max(0, index - 3), index);
  const release = releaseOf("v2", services);
  const from = releaseOf("v1", services);
  const withNeeds = release.services.map((service, index) => ({ ...service, needs: needs(index) }));
  return {
    action: "deploy",
    pipeline: "shop",
    release: { ...release, services: withNeeds },
    state: {
      ...environmentState("production", []),
      live: { release: from, deployment: "production-1", since: "2026-03-02T09:00:00.000Z", actor: "ada" },
    },
    observed: observationOf(from),
    rollout: "by replica",
    pendingMigrations: services.map((name) => ({ name: `1_${name}`, phase: "expand" })),
    smoke: services.map((service) => ({ service, path: "/", status: 200, contains: null })),
    tags: release.services.map(({ image }) => ({ image, tag: "v2" })),
    standIns: [],
    timeouts: { deploy: 3600, migrate: 1800, operation: 600 },
    afterRelease: null,
    gating: { ...ungated, changes: { complete: true, commits: Array.from({ length: 1000 }, commitOf) } },
  };
}

function observationOf({ version, services }: ReturnType<typeof releaseOf>): Observation {
  return {
    database: null,
    services: services.map(({ name, image, replicas }) => ({
      name,
      url: null,
      replicas: Array.from({ length: replicas }, (_, index) => ({
        ...{ index, version, image, processId: 1, state: "ready" as const, inRotation: true },
        startedAt: "2026-03-02T09:00:00.000Z",
      })),
    })),
  };
}

/** By twenty people. */
function commitOf(_: unknown, index: number): PlannedCommit {
  const name = `Author ${String(index % 20)}`;
  return {
    commit: index.toString(16).padStart(40, "0"),
    subject: `feat: the change number ${String(index)} of this release`,
    author: { name, email: `${name.replace(" ", ".").toLowerCase()}@example.com` },
    coAuthors: [],
  };
}
