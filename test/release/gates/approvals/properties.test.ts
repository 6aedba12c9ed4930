import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  approvalStatement,
  readApproval,
  verifySshSignature,
} from "../../../../src/release/gates/approvals/approvals.ts";
import { ecdsaSigner, ed25519Signer, rsaSigner, securityKeySigner } from "../../../support/ssh-signer.ts";
import { eventsOf, judged, signersFile, vote } from "./support.ts";
import { propertyRuns } from "../../../support/property-runs.ts";

const kinds = {
  ed25519: ed25519Signer(),
  rsa: rsaSigner(),
  nistp256: ecdsaSigner("nistp256"),
  nistp384: ecdsaSigner("nistp384"),
  nistp521: ecdsaSigner("nistp521"),
  "security key ed25519": securityKeySigner("ed25519"),
  "security key ecdsa": securityKeySigner("nistp256"),
};
const signers = signersFile(
  ...Object.values(kinds).map((signer, index) => `person${String(index)}@example.com ${signer.publicKey}`),
);

/** The text with one of its bytes replaced by another one. */
function withByte(text: string, at: number, change: number): string {
  const bytes = Buffer.from(text, "utf8");
  const index = at % bytes.length;
  bytes[index] = bytes[index]! ^ change;
  return bytes.toString("utf8");
}

const change = fc.record({ at: fc.nat(), change: fc.integer({ min: 1, max: 255 }) });

describe.each(Object.entries(kinds))("an approval by a key of kind %s", (_kind, signer) => {
  it(
    "never counts with any one byte changed, in what was signed or in the signature",
    { timeout: 120_000 },
    () => {
      const approval = vote(signer, { reason: "für alle" });
      expect(judged({ signers, votes: [approval] }).state).toBe("open");
      fc.assert(
        fc.property(
          fc.constantFrom("statement" as const, "signature" as const),
          change,
          (field, { at, change }) => {
            const edit = (envelope: { statement: string; signature: string }) => ({
              ...envelope,
              [field]: withByte(envelope[field], at, change),
            });
            const judgement = judged({ signers, votes: [{ ...approval, edit }] });
            expect(judgement.state).toBe("held");
            expect(judgement.counted).toEqual([]);
            expect(judgement.ignored).toHaveLength(1);
          },
        ),
        propertyRuns(80),
      );
    },
  );
});

it("every bit of an approval by ed25519 matters, one by one", { timeout: 120_000 }, () => {
  const approval = vote(kinds.ed25519, { reason: "x" });
  const { statement, signature } = eventsOf([approval])[0]!.payload as {
    statement: string;
    signature: string;
  };
  for (const [field, text] of Object.entries({ statement, signature })) {
    for (let bit = 0; bit < text.length * 8; bit += 1) {
      const changed = withByte(text, bit >> 3, 1 << (bit & 7));
      const edit = (envelope: object) => ({ ...envelope, [field]: changed });
      expect(
        judged({ signers, votes: [{ ...approval, edit }] }).counted,
        `${field} bit ${String(bit)}`,
      ).toEqual([]);
    }
  }
});

it("whatever stands in a signature, an envelope or a signers file is an answer, never an exception", () => {
  const wrapped = fc
    .uint8Array({ maxLength: 300 })
    .map(
      (bytes) =>
        `-----BEGIN SSH SIGNATURE-----\n${Buffer.from(bytes).toString("base64")}\n-----END SSH SIGNATURE-----`,
    );
  const framed = fc
    .uint8Array({ maxLength: 300 })
    .map((bytes) => Buffer.concat([Buffer.from("SSHSIG\0\0\0\u0001", "latin1"), bytes]).toString("base64"))
    .map((base64) => `-----BEGIN SSH SIGNATURE-----\n${base64}\n-----END SSH SIGNATURE-----`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), wrapped, framed), fc.string(), (signature, message) => {
      expect(verifySshSignature(signature, message, "fairway-approval").ok).toBe(false);
    }),
    propertyRuns(400),
  );
  fc.assert(
    fc.property(fc.anything(), (envelope) => {
      expect(readApproval(envelope).ok).toBe(false);
    }),
  );
  const field = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'namespaces="',
      'valid-before="2026',
      "cert-authority,",
      "ssh-ed25519",
      "AAAAC3",
      '"',
      "!*",
      "\t",
      ",",
    ),
  );
  fc.assert(
    fc.property(fc.array(field), fc.constantFrom("", " "), (fields, between) => {
      const { signers: read, problems } = signersFile(fields.join(between));
      expect(read).toEqual([]);
      expect(problems.every(({ why }) => why !== "")).toBe(true);
    }),
    propertyRuns(400),
  );
});

it("a statement is read back as it was written, and has one spelling", () => {
  const statement = fc.record({
    decision: fc.constantFrom("approve" as const, "reject" as const),
    pipeline: fc.string({ minLength: 1, maxLength: 50 }),
    environment: fc.string({ minLength: 1, maxLength: 50, unit: "grapheme" }),
    planHash: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => `sha256:${Buffer.from(bytes).toString("hex")}`),
    expiresAt: fc
      .date({ min: new Date("2000-01-01"), max: new Date("2099-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString()),
    reason: fc.option(fc.stringMatching(/^[ -~äß€]{1,200}$/)),
  });
  fc.assert(
    fc.property(statement, (fields) => {
      const text = approvalStatement(fields);
      const reading = readApproval({ statement: text, signature: "" });
      expect(reading).toEqual({ ok: true, statement: fields, envelope: { statement: text, signature: "" } });
      expect(readApproval({ statement: ` ${text}`, signature: "" }).ok).toBe(false);
    }),
  );
});

it("as many seats of groups are filled as any way of seating people would fill", { timeout: 60_000 }, () => {
  const people = Object.values(kinds).slice(0, 4);
  const names = people.map((_, index) => `person${String(index)}@example.com`);
  const groupNames = ["dba", "security", "legal"];
  const groups = fc.record(Object.fromEntries(groupNames.map((group) => [group, fc.subarray(names)])));
  const needs = fc.array(
    fc.record({ group: fc.constantFrom(...groupNames), count: fc.integer({ min: 1, max: 3 }) }),
    { maxLength: 3 },
  );
  const votes = people.map((signer) => vote(signer));
  fc.assert(
    fc.property(groups, needs, fc.shuffledSubarray([0, 1, 2, 3]), (members, wanted, who) => {
      const judgement = judged({
        signers,
        votes: who.map((index) => votes[index]!),
        policy: { required: 0, groups: members, needs: wanted },
      });
      const seats = groupNames.flatMap((group) =>
        Array.from(
          { length: Math.max(0, ...wanted.filter((n) => n.group === group).map((n) => n.count)) },
          () => group,
        ),
      );
      const able = who.map((index) => groupNames.filter((group) => members[group]!.includes(names[index]!)));
      const filled = judgement.counted.filter(({ group }) => group !== null).length;
      expect(filled).toBe(mostSeats(able, seats));
      expect(judgement.state).toBe(filled === seats.length ? "open" : "held");
    }),
    propertyRuns(30),
  );
});

/** By trying everything. */
function mostSeats(able: readonly (readonly string[])[], seats: readonly string[]): number {
  const [first, ...others] = able;
  if (first === undefined) return 0;
  const without = mostSeats(others, seats);
  const taking = first
    .filter((group) => seats.includes(group))
    .map((group) => 1 + mostSeats(others, seats.toSpliced(seats.indexOf(group), 1)));
  return Math.max(without, ...taking);
}
