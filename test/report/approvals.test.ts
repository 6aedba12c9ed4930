import { expect, it } from "vitest";
import type { ApprovalsJudgement, IgnoredApproval } from "../../src/release/gates/approvals/approvals.ts";
import { approvalsText } from "../../src/report/approvals.ts";

const nothing: ApprovalsJudgement = {
  state: "open",
  counted: [],
  ignored: [],
  missing: [],
  rejection: null,
  unknownAuthors: [],
};

const ignored = (sequence: number, kind: IgnoredApproval["kind"], why: string, who = "bob@example.com") => ({
  who,
  kind,
  why,
  when: `2026-03-02T08:${String(sequence).padStart(2, "0")}:00.000Z`,
  sequence,
});

it("says who approved, until when, what is missing, and why other approvals do not count", async () => {
  const held: ApprovalsJudgement = {
    ...nothing,
    state: "held",
    counted: [
      {
        who: "ada@example.com",
        when: "2026-03-02T08:30:00.000Z",
        expiresAt: "2026-03-05T08:30:00.000Z",
        fingerprint: "SHA256:pGq3ZoH6bq9bkXm1P8J7xq0jVb4nT5h1yqk3rHk9dEU",
        group: "dba",
        reason: "read the locks of 0042",
        sequence: 12,
      },
      {
        who: "grace@example.com",
        when: "2026-03-02T08:41:00.000Z",
        expiresAt: "2026-03-02T20:41:00.000Z",
        fingerprint: "SHA256:4rJb0nS1Wm7fYc2Kq9Lx5Vt8Zp3Hd6Gu1Ea0Io7Tk2M",
        group: null,
        reason: null,
        sequence: 14,
      },
    ],
    missing: ["1 more approval of security (0 of 1): from carol@example.com"],
    ignored: [
      ...[1, 2, 3, 4, 5].map((index) =>
        ignored(index, "another-plan", "it is for another plan, sha256:222222222222"),
      ),
      ignored(13, "author", "wrote commits of this plan (bob@example.com)"),
      ignored(
        15,
        "unknown-key",
        "its key SHA256:... is not in the fairway.allowed_signers that counts",
        "mallory@laptop",
      ),
    ],
    unknownAuthors: ["12+dan@users.example"],
  };
  await expect(approvalsText(held)).toMatchFileSnapshot("./golden/approvals-held.txt");
});

it("says who rejected a plan, and what then", async () => {
  const rejected: ApprovalsJudgement = {
    ...nothing,
    state: "rejected",
    missing: [
      "bob@example.com rejected this plan (the index locks orders), and a rejection stands: " +
        "change what is released, then plan again",
    ],
  };
  await expect(approvalsText(rejected)).toMatchFileSnapshot("./golden/approvals-rejected.txt");
});

it("is one line where nothing is needed", () => {
  expect(approvalsText(nothing)).toBe("approvals: open");
});
