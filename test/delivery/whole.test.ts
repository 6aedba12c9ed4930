import { expect, it } from "vitest";
import { ofRepository, openDelivery } from "../../src/delivery/delivery.ts";
import { requireWhole } from "../../src/delivery/whole.ts";
import { fakeClient } from "../steps/fake-client.ts";
import { failureOf } from "../support/failure-of.ts";

const packageJson = JSON.stringify({ packageManager: "pnpm@10.34.9", scripts: { lint: "eslint ." } });

function deliveryOf(files: Readonly<Record<string, string>>) {
  const { client, source } = fakeClient({
    files: { "package.json": packageJson, "pnpm-lock.yaml": "", ...files },
  });
  return openDelivery(client, { source }, ofRepository);
}

const everyKind = `name: shop
chekcs: []
checks:
  - lint
  - typechek
  - { scan: sarif, name: grype, script: scan-grype, file: grype.sarif }
  - { scan: trivvy }
services:
  api: { dockerfile: apps/api/Dockerfile, port: 70000, ready: /ready }
environments:
  local: { target: local, optional: [gryp] }
`;

it("errors of all kinds are told in one run, each with its value, its place and what to do", async () => {
  const delivery = deliveryOf({ "fairway.yaml": everyKind, "fairway.suppressions.yaml": "- rule: 1\n" });
  const error = await failureOf(requireWhole(delivery, ["lnt"]));
  expect(error).toMatchObject({ code: "SEVERAL_ERRORS", exitCode: 2 });
  for (const part of [
    /fairway\.yaml:2:1 chekcs: unknown key; did you mean checks\?/,
    /fairway\.yaml:7:13 checks\[3\]\.scan: "trivvy" is not possible here; did you mean trivy\?/,
    /services\.api\.port: must be at most 65535/,
    /fairway\.yaml:11:38 environments\.local\.optional\[0\]: there is no check gryp; did you mean grype\? \(known: lint, typechek, grype, trivvy\)/,
    /services\.api\.dockerfile: apps\/api\/Dockerfile is not in the repository/,
    /--only: there is no check lnt\n {2}lnt: did you mean lint\?/,
    /fairway\.suppressions\.yaml/,
  ])
    expect(error.output).toMatch(part);
});

it("tasks that nobody has are told beside paths that are not there", async () => {
  const text = everyKind.replace("chekcs: []\n", "").replace("  - { scan: trivvy }\n", "");
  const error = await failureOf(
    requireWhole(
      deliveryOf({ "fairway.yaml": text.replace("gryp]", "grype]").replace("70000", "7000") }),
      [],
    ),
  );
  expect(error.output).toContain("the check typechek runs typechek, and the check grype runs scan-grype");
  expect(error.output).toContain("It has: lint");
  expect(error.output).toContain("apps/api/Dockerfile is not in the repository");
  expect(error.output).not.toContain("is not valid");
});

it("one error alone is told as it is", async () => {
  const text = "name: shop\nchecks: [lint, unit]\n";
  await expect(requireWhole(deliveryOf({ "fairway.yaml": text }), [])).rejects.toMatchObject({
    code: "SCRIPT_MISSING",
    remedy: "It has: lint",
  });
});

it("what stands where something is wrong is not looked for", async () => {
  const text = "name: shop\nservices:\n  api: { dockerfile: 3, port: 3000, ready: /ready }\n";
  const error = await failureOf(requireWhole(deliveryOf({ "fairway.yaml": text }), []));
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
});

it("the review of migrations is a name for --only where there is a database", async () => {
  const database = "database: { prisma: { schema: prisma/schema.prisma } }\n";
  const files = {
    "fairway.yaml": `name: shop\nchecks: [lint]\n${database}`,
    "prisma/schema.prisma": "",
  };
  await expect(requireWhole(deliveryOf(files), ["migrations"])).resolves.toBeUndefined();
  await expect(requireWhole(deliveryOf(files), ["migration"])).rejects.toMatchObject({
    code: "CHECK_UNKNOWN",
    remedy: "migration: did you mean migrations? (known: lint, migrations)",
  });
  await expect(
    requireWhole(deliveryOf({ "fairway.yaml": "name: shop\nchecks: [lint]\n" }), ["migrations"]),
  ).rejects.toMatchObject({ code: "CHECK_UNKNOWN", remedy: "migrations: known: lint" });
});

it("whoever runs no checks is not asked for their tasks", async () => {
  const text = "name: shop\nchecks: [lint, unit]\n";
  await expect(requireWhole(deliveryOf({ "fairway.yaml": text }))).resolves.toBeUndefined();
});
