import { describe, expect, it, test } from "vitest";
import type { ApprovalPolicy } from "../../../../src/release/gates/approvals/approvals.ts";
import { ecdsaSigner, ed25519Signer, securityKeySigner } from "../../../support/ssh-signer.ts";
import { eventsOf, hoursFromNow, judged as judgedWith, now, planHash, signersFile, vote } from "./support.ts";

const ada = ed25519Signer();
const adaPhone = securityKeySigner("ed25519");
const bob = ecdsaSigner("nistp256");
const carol = ed25519Signer();
const stranger = ed25519Signer();

const signers = signersFile(
  `ada@example.com,ada@private.example ${ada.publicKey}`,
  `ada@example.com ${adaPhone.publicKey}`,
  `bob@example.com ${bob.publicKey}`,
  `carol@example.com ${carol.publicKey}`,
);

type Input = Omit<Parameters<typeof judgedWith>[0], "signers"> & Partial<Parameters<typeof judgedWith>[0]>;
const judged = (input: Input) => judgedWith({ signers, ...input });
const reasons = ({ ignored }: ReturnType<typeof judged>) =>
  ignored.map(({ who, kind, why }) => [who, kind, why]);

describe("approvals that count", () => {
  it("open the gate when there are as many people as the policy requires", () => {
    const judgement = judged({
      policy: { required: 2 },
      votes: [vote(ada, { reason: "read it twice" }), vote(bob, { at: hoursFromNow(-0.5) })],
    });
    expect(judgement).toEqual({
      state: "open",
      counted: [
        {
          who: "ada@example.com",
          when: hoursFromNow(-1),
          expiresAt: hoursFromNow(24),
          fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
          group: null,
          reason: "read it twice",
          sequence: 1,
        },
        {
          who: "bob@example.com",
          when: hoursFromNow(-0.5),
          expiresAt: hoursFromNow(24),
          fingerprint: expect.stringMatching(/^SHA256:/),
          group: null,
          reason: null,
          sequence: 2,
        },
      ],
      ignored: [],
      missing: [],
      rejection: null,
      unknownAuthors: [],
    });
  });

  it("one too few holds it, and says from whom the other can come", () => {
    const judgement = judged({ policy: { required: 2 }, votes: [vote(ada)] });
    expect(judgement.state).toBe("held");
    expect(judgement.missing).toEqual(["1 more approval (1 of 2): from bob@example.com, carol@example.com"]);
  });

  it("are not needed where the policy asks for none", () => {
    const judgement = judged({
      policy: { required: 0 },
      votes: [],
      plan: { authors: null, requester: null },
    });
    expect(judgement).toMatchObject({ state: "open", missing: [] });
  });

  it("are events of one type; all others are passed over", () => {
    const judgement = judged({ votes: [vote(ada)], type: "plan-made" });
    expect(judgement).toMatchObject({ state: "held", counted: [], ignored: [] });
  });
});

describe("an approval does not count", () => {
  const cases: readonly [string, Input, string, string][] = [
    [
      "for another plan",
      { votes: [vote(ada, { planHash: `sha256:${"2".repeat(64)}` })] },
      "another-plan",
      "it is for another plan, sha256:222222222222",
    ],
    [
      "for another environment",
      { votes: [vote(ada, { environment: "staging" })] },
      "another-environment",
      "it is for staging",
    ],
    [
      "for another pipeline",
      { votes: [vote(ada, { pipeline: "blog" })] },
      "another-pipeline",
      "it is for the pipeline blog",
    ],
    [
      "by a key that nobody listed",
      { votes: [vote(stranger)] },
      "unknown-key",
      "is not in the fairway.allowed_signers",
    ],
    [
      "by an author of the commits, by e-mail address in any case",
      { votes: [vote(ada)], plan: { authors: [{ name: "Ada", email: "ADA@Example.com" }] } },
      "author",
      "wrote commits of this plan (ADA@Example.com)",
    ],
    [
      "by an author who wrote with another of their addresses",
      { votes: [vote(adaPhone)], plan: { authors: [{ name: "Ada", email: "ada@private.example" }] } },
      "author",
      "wrote commits of this plan (ada@private.example)",
    ],
    [
      "by who asked for the deploy",
      { votes: [vote(bob)], plan: { requester: { name: "Bob", email: "Bob@example.com" } } },
      "requester",
      "asked for this deploy (Bob@example.com)",
    ],
    [
      "by who asked for the deploy, known by account alone",
      {
        signers: signersFile(`bob ${bob.publicKey}`),
        votes: [vote(bob)],
        plan: { requester: { name: "bob", email: null } },
      },
      "requester",
      "asked for this deploy (bob)",
    ],
    [
      "that expired",
      { votes: [vote(ada, { expiresAt: hoursFromNow(-0.1) })] },
      "expired",
      "it expired at 2026-03-02T08:54",
    ],
    [
      "that expires this instant",
      { votes: [vote(ada, { expiresAt: now.toISOString() })] },
      "expired",
      "it expired at",
    ],
    [
      "that would be good for longer than the policy allows",
      { votes: [vote(ada, { expiresAt: hoursFromNow(72) })] },
      "too-long",
      "the longest allowed is 72 h",
    ],
    [
      "that is dated ahead so as to be good for longer",
      { votes: [vote(ada, { at: hoursFromNow(100), expiresAt: hoursFromNow(150) })] },
      "too-long",
      "the longest allowed is 72 h",
    ],
    [
      "when an apply of its plan has started before",
      { votes: [vote(ada)], consumed: [planHash] },
      "consumed",
      "it was used up",
    ],
    [
      "when its key was good only until yesterday",
      {
        signers: signersFile(`ada@example.com valid-before="20260301" ${ada.publicKey}`),
        votes: [vote(ada)],
      },
      "key-not-valid",
      "fairway.allowed_signers:1 let its key sign only until 2026-03-01",
    ],
    [
      "when its key ended between approval and apply",
      {
        signers: signersFile(`ada@example.com valid-before="202603020830" ${ada.publicKey}`),
        votes: [vote(ada)],
      },
      "key-not-valid",
      "let its key sign only until",
    ],
    [
      "when its key was not good yet as it was given",
      {
        signers: signersFile(`ada@example.com valid-after="202603020830" ${ada.publicKey}`),
        votes: [vote(ada)],
      },
      "key-not-valid",
      "lets its key sign only after",
    ],
    [
      "when its key may sign other things only",
      { signers: signersFile(`ada@example.com namespaces="git,file" ${ada.publicKey}`), votes: [vote(ada)] },
      "key-not-allowed",
      "fairway.allowed_signers:1 does not let its key sign for the namespace fairway-approval",
    ],
    [
      "when its key stands beside a pattern, which names nobody",
      { signers: signersFile(`*@example.com ${ada.publicKey}`), votes: [vote(ada)] },
      "nobody",
      "fairway.allowed_signers:1 names a pattern, not a person",
    ],
    [
      "when the only line that names its person is over",
      {
        signers: signersFile(
          `ada@example.com valid-before="20260301" ${ada.publicKey}`,
          `*@example.com ${ada.publicKey}`,
        ),
        votes: [vote(ada)],
      },
      "nobody",
      "names a pattern, not a person",
    ],
    [
      "signed for git",
      { votes: [vote(ada, { faults: { namespace: "git" } })] },
      "bad-signature",
      'is for "git"',
    ],
    [
      "whose words were changed after it was signed",
      {
        votes: [
          vote(ada, {
            reason: "no",
            edit: (e) => ({ ...e, statement: e.statement.replace('"no"', '"go"') }),
          }),
        ],
      },
      "bad-signature",
      "something was changed",
    ],
    [
      "whose signature was changed",
      { votes: [vote(ada, { edit: (e) => ({ ...e, signature: bob.sign("other") }) })] },
      "bad-signature",
      "something was changed",
    ],
    [
      "with a second plan hash in it",
      {
        votes: [
          vote(ada, {
            edit: (e) => {
              const statement = e.statement.replace("{", `{"planHash":"sha256:${"2".repeat(64)}",`);
              return { statement, signature: ada.sign(statement) };
            },
          }),
        ],
      },
      "unreadable",
      "not canonical JSON",
    ],
    [
      "with more in it than an approval has",
      {
        votes: [
          vote(ada, {
            edit: (e) => {
              const statement = e.statement.replace("{", '{"EXTRA":1,');
              return { statement, signature: ada.sign(statement) };
            },
          }),
        ],
      },
      "unreadable",
      "what was signed is no approval",
    ],
    ["that is none", { votes: [vote(ada, { edit: () => "approved" })] }, "unreadable", "it is no approval"],
    [
      "that is not JSON",
      { votes: [vote(ada, { edit: (e) => ({ ...e, statement: "{" }) })] },
      "unreadable",
      "is not JSON",
    ],
  ];

  test.each(cases)("%s", (_what, input, kind, why) => {
    const judgement = judged(input);
    expect(judgement.state).toBe("held");
    expect(judgement.counted).toEqual([]);
    expect(reasons(judgement)).toEqual([[expect.any(String), kind, expect.stringContaining(why)]]);
    expect(judgement.missing).not.toEqual([]);
  });

  it("of a plan that was applied, for which a new plan is needed", () => {
    const judgement = judged({ votes: [vote(ada)], consumed: [planHash] });
    expect(judgement.missing[0]).toBe(
      "a new plan: an apply of this one has started before, which used up its approvals",
    );
  });

  it("by a key that only the commit adds which is being deployed", () => {
    const line = `mallory@example.com ${stranger.publicKey}`;
    const ofNewCommit = signersFile(`ada@example.com ${ada.publicKey}`, line);
    const ofProvenCommit = signersFile(`ada@example.com ${ada.publicKey}`);
    const votes = [vote(stranger)];
    expect(judged({ signers: ofNewCommit, votes }).state).toBe("open");
    const judgement = judged({ signers: ofProvenCommit, votes });
    expect(judgement.state).toBe("held");
    expect(judgement.ignored).toMatchObject([{ kind: "unknown-key" }]);
  });

  it("by a key on a line that cannot be used, and the line is named", () => {
    const file = signersFile(
      `ada@example.com ${ada.publicKey}`,
      `bob@example.com cert-authority ${bob.publicKey}`,
    );
    const judgement = judged({ signers: file, votes: [vote(bob)] });
    expect(judgement.ignored[0]!.why).toContain("these lines cannot be used: 2");
  });

  it("twice by one person, with the same key or with another", () => {
    const judgement = judged({
      policy: { required: 2 },
      votes: [vote(ada), vote(ada, { at: hoursFromNow(-0.5) }), vote(adaPhone, { at: hoursFromNow(-0.4) })],
    });
    expect(judgement.state).toBe("held");
    expect(judgement.counted).toHaveLength(1);
    expect(reasons(judgement)).toEqual([
      ["ada@example.com", "twice", `the same person approved at ${hoursFromNow(-1)} already`],
      [
        "ada@example.com",
        "twice",
        `the same person approved at ${hoursFromNow(-1)} already, with another key`,
      ],
    ]);
  });

  it("twice by one key under two names", () => {
    const file = signersFile(`ada@example.com ${ada.publicKey}`, `bob@example.com ${ada.publicKey}`);
    const judgement = judged({ signers: file, policy: { required: 2 }, votes: [vote(ada), vote(ada)] });
    expect(judgement.counted).toHaveLength(1);
    expect(judgement.missing).toEqual(["1 more approval (1 of 2): nobody is left who may"]);
  });

  it("twice by one person through a third line that joins the two", () => {
    const file = signersFile(
      `ada@example.com ${ada.publicKey}`,
      `lovelace@example.com ${bob.publicKey}`,
      `ada@example.com,lovelace@example.com ${carol.publicKey}`,
    );
    const judgement = judged({ signers: file, policy: { required: 2 }, votes: [vote(ada), vote(bob)] });
    expect(judgement.counted).toHaveLength(1);
    expect(judgement.ignored).toMatchObject([{ kind: "twice" }]);
  });

  it("that expired makes room for a newer one of the same person", () => {
    const judgement = judged({
      votes: [vote(ada, { at: hoursFromNow(-30), expiresAt: hoursFromNow(-6) }), vote(ada)],
    });
    expect(judgement).toMatchObject({
      state: "open",
      counted: [{ who: "ada@example.com", sequence: 2 }],
      ignored: [{ kind: "expired", sequence: 1 }],
    });
  });
});

describe("what the policy does not exclude counts", () => {
  it("authors and the one who asks, where it says so", () => {
    const judgement = judged({
      policy: { required: 2, excludeAuthors: false, excludeRequester: false },
      plan: {
        authors: [{ name: "Ada", email: "ada@example.com" }],
        requester: { name: "Bob", email: "bob@example.com" },
      },
      votes: [vote(ada), vote(bob)],
    });
    expect(judgement.state).toBe("open");
  });

  it("the longest time that it allows, and some minutes between two clocks", () => {
    const at = hoursFromNow(-1);
    expect(judged({ votes: [vote(ada, { at, expiresAt: hoursFromNow(71) })] }).state).toBe("open");
    expect(judged({ votes: [vote(ada, { at, expiresAt: hoursFromNow(71.08) })] }).state).toBe("open");
    expect(judged({ votes: [vote(ada, { at, expiresAt: hoursFromNow(71.1) })] }).state).toBe("held");
  });
});

describe("what is not known holds", () => {
  it("the authors, when the history does not reach them", () => {
    const judgement = judged({ votes: [vote(ada)], plan: { authors: null } });
    expect(judgement.state).toBe("held");
    expect(judgement.missing).toEqual([expect.stringContaining("git fetch --unshallow")]);
  });

  it("who asks for the deploy", () => {
    const judgement = judged({ votes: [vote(ada)], plan: { requester: null } });
    expect(judgement).toMatchObject({ state: "held", missing: ["who asks for this deploy"] });
  });

  it("authors that no line names are told, since their approvals cannot be recognised", () => {
    const authors = [
      { name: "Ada", email: "ada@example.com" },
      { name: "Ada", email: "12+ada@users.example" },
      { name: "Ada", email: "12+ada@users.example" },
    ];
    expect(judged({ votes: [vote(bob)], plan: { authors } }).unknownAuthors).toEqual([
      "12+ada@users.example",
    ]);
  });
});

describe("a rejection", () => {
  const rejection = vote(bob, { decision: "reject", reason: "the index locks orders" });

  it("ends it, whatever was approved before and whatever is approved after", () => {
    const judgement = judged({ votes: [vote(ada), rejection, vote(carol), vote(bob)] });
    expect(judgement.state).toBe("rejected");
    expect(judgement.rejection).toMatchObject({
      who: "bob@example.com",
      reason: "the index locks orders",
      sequence: 2,
    });
    expect(judgement.missing).toEqual([
      "bob@example.com rejected this plan (the index locks orders), and a rejection stands: " +
        "change what is released, then plan again",
    ]);
  });

  it("ends it where nothing has to be approved", () => {
    expect(judged({ policy: { required: 0 }, votes: [rejection] }).state).toBe("rejected");
  });

  it("is told by the first who rejected, in the order of the ledger and not of the list", () => {
    const first = vote(carol, { decision: "reject", reason: "first" });
    const events = eventsOf([first, rejection]).toReversed();
    expect(judged({ votes: [], events }).rejection).toMatchObject({
      who: "carol@example.com",
      reason: "first",
    });
  });

  it("does not expire", () => {
    const old = vote(bob, { decision: "reject", at: hoursFromNow(-500), expiresAt: hoursFromNow(-499) });
    expect(judged({ votes: [old, vote(ada)] }).state).toBe("rejected");
  });

  it("stands when its key ended since, not when the key had ended before", () => {
    const file = (until: string) =>
      signersFile(
        `bob@example.com valid-before="${until}" ${bob.publicKey}`,
        `ada@example.com ${ada.publicKey}`,
      );
    expect(judged({ signers: file("202603020830"), votes: [rejection, vote(ada)] }).state).toBe("rejected");
    expect(judged({ signers: file("202603020730"), votes: [rejection, vote(ada)] }).state).toBe("open");
  });

  it("may come from an author, who may not approve", () => {
    const authors = [{ name: "Bob", email: "bob@example.com" }];
    expect(judged({ votes: [vote(ada), rejection], plan: { authors } }).state).toBe("rejected");
  });

  it("by a stranger, or of another plan, does nothing", () => {
    const byStranger = vote(stranger, { decision: "reject" });
    const ofAnother = vote(bob, { decision: "reject", planHash: `sha256:${"2".repeat(64)}` });
    const judgement = judged({ votes: [vote(ada), byStranger, ofAnother] });
    expect(judgement.state).toBe("open");
    expect(judgement.ignored.map(({ kind }) => kind)).toEqual(["unknown-key", "another-plan"]);
  });
});

describe("groups", () => {
  const dba: Partial<ApprovalPolicy> = {
    required: 1,
    groups: {
      dba: ["Ada@example.com", "carol@example.com"],
      security: ["ada@example.com", "bob@example.com"],
    },
    needs: [{ group: "dba", count: 1 }],
  };

  it("one person fills a seat of a group and a general one", () => {
    const judgement = judged({ policy: dba, votes: [vote(ada)] });
    expect(judgement).toMatchObject({ state: "open", counted: [{ who: "ada@example.com", group: "dba" }] });
  });

  it("a seat that nobody of the group fills holds, and its members are named", () => {
    const judgement = judged({ policy: dba, votes: [vote(bob)] });
    expect(judgement).toMatchObject({ state: "held", counted: [{ who: "bob@example.com", group: null }] });
    expect(judgement.missing).toEqual([
      "1 more approval of dba (0 of 1): from ada@example.com, carol@example.com",
    ]);
  });

  it("members who may not approve this plan are not named", () => {
    const authors = [{ name: "Carol", email: "carol@example.com" }];
    const judgement = judged({ policy: dba, plan: { authors }, votes: [vote(bob)] });
    expect(judgement.missing).toEqual(["1 more approval of dba (0 of 1): from ada@example.com"]);
  });

  it("nobody answers for two groups", () => {
    const policy = { ...dba, needs: [...dba.needs!, { group: "security", count: 1 }] };
    const judgement = judged({ policy, votes: [vote(ada)] });
    expect(judgement).toMatchObject({ state: "held", counted: [{ group: "dba" }] });
    expect(judgement.missing).toEqual(["1 more approval of security (0 of 1): from bob@example.com"]);
  });

  it("seats are given out so that most are filled, whoever came first", () => {
    const policy = { ...dba, needs: [...dba.needs!, { group: "security", count: 1 }] };
    const judgement = judged({ policy, votes: [vote(ada), vote(carol)] });
    expect(judgement.state).toBe("open");
    expect(judgement.counted.map(({ who, group }) => [who, group])).toEqual([
      ["ada@example.com", "security"],
      ["carol@example.com", "dba"],
    ]);
  });

  it("a plan may need more of a group than the policy does", () => {
    const needsGroups = [{ group: "dba", count: 2 }];
    const judgement = judged({ policy: dba, plan: { needsGroups }, votes: [vote(ada), vote(bob)] });
    expect(judgement.missing).toEqual(["1 more approval of dba (1 of 2): from carol@example.com"]);
    expect(judged({ policy: dba, plan: { needsGroups }, votes: [vote(ada), vote(carol)] }).state).toBe(
      "open",
    );
  });

  it("two of one group are two people, also with two keys", () => {
    const policy = { ...dba, needs: [{ group: "dba", count: 2 }] };
    expect(judged({ policy, votes: [vote(ada), vote(adaPhone)] }).state).toBe("held");
  });

  it.each(["nobody-defined-it", "constructor"])("a group without members (%s) holds", (group) => {
    const judgement = judged({ policy: { required: 0, needs: [{ group, count: 1 }] }, votes: [vote(ada)] });
    expect(judgement.missing).toEqual([`1 more approval of ${group} (0 of 1): nobody is left who may`]);
  });

  it("too few who are left are told as such", () => {
    const judgement = judged({ policy: { required: 4 }, votes: [vote(ada)] });
    expect(judgement.missing).toEqual([
      "3 more approvals (1 of 4): from bob@example.com, carol@example.com; they are too few",
    ]);
  });
});
