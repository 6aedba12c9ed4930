import { describe, expect, it } from "vitest";
import { gitops } from "../../../src/config/environment/gitops.ts";
import type { Target } from "../../../src/model/target.ts";
import {
  openTarget,
  targetSecretNames,
  type TargetConfig,
  type TargetContext,
} from "../../../src/providers/targets/targets.ts";
import { simulatedTarget, virtualClock } from "../../../src/testing/testing.ts";
import { gitServerMissing } from "../../support/git-http-server.ts";
import { describeTarget } from "./contract.ts";
import { digestOf, gitopsEnvironment } from "./gitops/fixtures.ts";
import { needs, release, service, testEnvironment } from "./local/fixtures.ts";
import { releaseOf } from "../../support/releases.ts";

describeTarget("the gitops target", {
  missing: gitServerMissing(),
  open: async () => {
    const there = await gitopsEnvironment();
    return {
      target: there.target,
      another: () => there.another(),
      context: (overrides) => there.context(overrides),
      release: (version) => releaseOf(version),
      smoke: (wanted) => ({ service: "api", path: "/", status: 200, contains: digestOf(wanted) }),
      [Symbol.asyncDispose]: () => there[Symbol.asyncDispose](),
    };
  },
});

describeTarget("the local target", {
  open: async () => {
    const there = await testEnvironment();
    return {
      target: there.target,
      another: () => there.another(),
      context: (overrides) => there.context(overrides),
      release: (version) => release(version, service({ variables: { GREETING: version } })),
      smoke: ({ version }) => ({
        service: needs.services[0]!.name,
        path: "/",
        status: 200,
        contains: `"version":"${version}"`,
      }),
      [Symbol.asyncDispose]: () => there[Symbol.asyncDispose](),
    };
  },
});

describe("a target", () => {
  const context = (fields: Partial<TargetContext> = {}): TargetContext => ({
    environment: "staging",
    secrets: {},
    clock: virtualClock(),
    actor: "ada@laptop",
    localTarget: undefined,
    ...fields,
  });
  const config: TargetConfig = {
    gitops: gitops.parse({
      repository: "https://git.example/acme/manifests",
      kustomize: { images: { api: "shop/api" } },
      token: "MANIFESTS_TOKEN",
      argocd: { url: "https://argocd.example", token: "ARGOCD_TOKEN", application: "shop", ca: "ARGOCD_CA" },
    }),
  };

  it("of this machine comes from the host, and is refused by name where there is none", async () => {
    const local: Target = simulatedTarget();
    expect(await openTarget("local", context({ localTarget: async () => local }))).toBe(local);
    await expect(openTarget("local", context())).rejects.toMatchObject({
      code: "NEEDS_A_HOST",
      exitCode: 2,
      place: "fairway.yaml environments.staging.target",
    });
  });

  it("by gitops needs the secrets that the config names, and says which are missing", async () => {
    expect(await targetSecretNames("local")).toEqual([]);
    expect(await targetSecretNames(config)).toEqual(["MANIFESTS_TOKEN", "ARGOCD_TOKEN", "ARGOCD_CA"]);
    const secrets = { MANIFESTS_TOKEN: "canary-4711", ARGOCD_TOKEN: "canary-4712" };
    await expect(openTarget(config, context({ secrets }))).rejects.toMatchObject({
      code: "SECRETS_MISSING",
      exitCode: 2,
      message: "staging needs a value for ARGOCD_CA",
    });
    const all = { ...secrets, ARGOCD_CA: "-----BEGIN CERTIFICATE-----" };
    expect(await openTarget(config, context({ secrets: all }))).toMatchObject({
      kind: "gitops",
      environment: "staging",
      rollout: "as a whole",
    });
  });

  it("of an unknown kind is refused by listing the known ones", async () => {
    await expect(openTarget({ ecs: {} } as never, context())).rejects.toMatchObject({
      code: "TARGET_KIND",
      remedy: "the kinds are: local, { gitops: { repository, path, ... } }",
    });
  });
});
