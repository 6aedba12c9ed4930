import { expect, it } from "vitest";
import { mergeFindings, readVex, treated } from "../../../src/findings/findings.ts";
import type { ToolFinding } from "../../../src/model/finding.ts";
import { failureOf } from "../../support/failure-of.ts";
import { vulnerability } from "../examples.ts";

const lodash = vulnerability({ rule: "CVE-2021-23337", severity: "high", aliases: ["GHSA-35jh-r3h4-6jhm"] });
const product = { "@id": "pkg:npm/lodash@4.17.1" };
const said = {
  ...{ vulnerability: { name: "CVE-2021-23337" }, products: [product], status: "not_affected" },
  justification: "vulnerable_code_not_in_execute_path",
};

function document(...statements: readonly object[]): string {
  return JSON.stringify({
    ...{ "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", author: "Ada" },
    ...{ timestamp: "2026-11-01T00:00:00Z", version: 1, statements },
  });
}

async function treatmentOf(finding: ToolFinding, ...statements: readonly object[]) {
  const vex = await readVex(document(...statements), "vex/shop.openvex.json");
  const severities = {
    critical: "block",
    high: "block",
    medium: "warn",
    low: "track",
    info: "track",
  } as const;
  const [judged] = treated(mergeFindings([finding]), {
    ...{ severities, sprint: { amount: 14, unit: "days" }, unverifiedSecrets: "block", suppressions: [] },
    ...{ vex, now: new Date(0), known: { since: () => null } },
  });
  return judged;
}

it("what is not affected is suppressed, and says why and by whom", async () => {
  expect(await treatmentOf(lodash, said)).toMatchObject({
    treatment: "suppressed",
    because: "vulnerable_code_not_in_execute_path (VEX of Ada)",
  });
});

it.each([
  ["fixed", "suppressed"],
  ["affected", "block"],
  ["under_investigation", "block"],
])("what is %s is treated as: %s", async (status, treatment) => {
  expect(await treatmentOf(lodash, { ...said, status })).toMatchObject({ treatment });
});

const scoped = vulnerability({
  ...{ rule: "CVE-2025-1", severity: "high" },
  package: { ecosystem: "npm", name: "@babel/core", versions: ["7.1.0"], fixed: [] },
});
const openssl = vulnerability({
  ...{ rule: "CVE-2025-1", severity: "high" },
  package: { ecosystem: "deb", name: "openssl", versions: ["3.0.11"], fixed: [] },
});
const twice = vulnerability({
  ...{ rule: "CVE-2025-1", severity: "high" },
  package: { ecosystem: "npm", name: "lodash", versions: ["1.0.0", "2.0.0"], fixed: [] },
});

it.each<[string, ToolFinding, unknown, string]>([
  ["every version, where it names none", twice, "pkg:npm/lodash", "suppressed"],
  ["not another version", twice, "pkg:npm/lodash@1.0.0", "block"],
  ["a scoped package", scoped, "pkg:npm/%40babel/core@7.1.0", "suppressed"],
  ["no package of another ecosystem", scoped, "pkg:cargo/%40babel/core@7.1.0", "block"],
  ["a distribution's package", openssl, "pkg:deb/debian/openssl@3.0.11", "suppressed"],
  [
    "nothing, where its qualifiers say more than a finding",
    openssl,
    "pkg:deb/debian/openssl?arch=s390x",
    "block",
  ],
  [
    "the part, not the product",
    twice,
    { "@id": "pkg:oci/shop", subcomponents: [{ "@id": "pkg:npm/lodash" }] },
    "suppressed",
  ],
  [
    "a product by its identifiers",
    twice,
    { "@id": "urn:x", identifiers: { purl: "pkg:npm/lodash" } },
    "suppressed",
  ],
  ["no other thing", twice, "https://example.com/lodash", "block"],
])("a statement is about %s", async (_, finding, one, treatment) => {
  const statement = { ...said, vulnerability: { name: "CVE-2025-1" }, products: [one] };
  expect(await treatmentOf(finding, statement)).toMatchObject({ treatment });
});

it("the vulnerability has several names, and any of them counts; the oldest documents have it as a text", async () => {
  expect(await treatmentOf(lodash, { ...said, vulnerability: "ghsa-35jh-r3h4-6jhm" })).toMatchObject({
    treatment: "suppressed",
  });
  const aliased = { name: "GO-1", aliases: ["CVE-2021-23337"] };
  expect(await treatmentOf(lodash, { ...said, vulnerability: aliased })).toMatchObject({
    treatment: "suppressed",
  });
});

it("of what is said at the same time nothing is suppressed by one while another says that it is affected", async () => {
  const affected = { ...said, status: "affected" };
  expect(await treatmentOf(lodash, affected, said)).toMatchObject({ treatment: "block" });
  expect(await treatmentOf(lodash, said, affected)).toMatchObject({ treatment: "block" });
});

it("of what is said about the same the latest counts", async () => {
  const later = { ...said, status: "affected", timestamp: "2026-11-02T00:00:00Z" };
  expect(await treatmentOf(lodash, later, said)).toMatchObject({ treatment: "block" });
});

it.each([
  ["no JSON", "{", "vex.json:1:"],
  ["a list", "[]", "must be"],
  ["another format", JSON.stringify({ "@context": "https://cyclonedx.org" }), "only OpenVEX is read"],
  [
    "no reason",
    document({ ...said, justification: undefined }),
    "not_affected needs a justification or an impact_statement",
  ],
  ["an unknown status", document({ ...said, status: "harmless" }), "not_affected"],
  ["no product", document({ ...said, products: [] }), "statements[0].products"],
  ["no package URL", document({ ...said, products: ["pkg:lodash"] }), "no package URL: pkg:lodash"],
  ["no time", document(said, { ...said, timestamp: "yesterday" }), "statements[1].timestamp"],
])("an invalid document is an error with its place: %s", async (_, text, words) => {
  const error = await failureOf(readVex(text, "vex.json"));
  expect(error).toMatchObject({ code: "VEX_INVALID", exitCode: 2 });
  expect(`${String(error.place)} ${error.message} ${String(error.output)} ${String(error.remedy)}`).toContain(
    words,
  );
});
