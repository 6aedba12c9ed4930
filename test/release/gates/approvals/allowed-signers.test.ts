import { describe, expect, it, test } from "vitest";
import { parseAllowedSigners, requireWellFormed } from "../../../../src/release/gates/approvals/approvals.ts";
import { hashOf, type Json } from "../../../../src/model/canonical-json.ts";
import { isFairwayError } from "../../../../src/model/errors.ts";
import { noSshKeygen, realVerdict } from "../../../support/ssh-keygen.ts";
import {
  blob,
  ecdsaSigner,
  ed25519Signer,
  rsaSigner,
  securityKeySigner,
} from "../../../support/ssh-signer.ts";
import { judged, vote } from "./support.ts";

const file = "fairway.allowed_signers";
const signer = ed25519Signer();
const key = signer.publicKey;
const parse = (text: string) => parseAllowedSigners(text, file);

it("reads principals, options and keys, and passes over comments and empty lines", () => {
  const text = [
    "# who may approve",
    "",
    `ada@example.com,Ada@Work.example ${key} ada's laptop`,
    `  "bob@example.com" namespaces="fairway-approval,git",valid-after="20260101Z" ${ecdsaSigner("nistp256").publicKey}\r`,
    `carol@example.com\tVALID-BEFORE="202603011230"\t${rsaSigner().publicKey}`,
    `dan@example.com ${securityKeySigner("ed25519").publicKey}`,
    `*@example.com,!eve@example.com ${ecdsaSigner("nistp521").publicKey}`,
  ].join("\n");
  const { signers, problems } = parse(text);
  expect(problems).toEqual([]);
  expect(
    signers.map(({ line, principals, names, namespaces, validAfter, validBefore, key: { type } }) => ({
      line,
      principals,
      names,
      namespaces,
      from: validAfter,
      until: validBefore,
      type,
    })),
  ).toEqual([
    {
      line: 3,
      principals: ["ada@example.com", "ada@work.example"],
      names: ["ada@example.com", "ada@work.example"],
      namespaces: null,
      from: null,
      until: null,
      type: "ssh-ed25519",
    },
    {
      line: 4,
      principals: ["bob@example.com"],
      names: ["bob@example.com"],
      namespaces: ["fairway-approval", "git"],
      from: "2026-01-01T00:00:00.000Z",
      until: null,
      type: "ecdsa-sha2-nistp256",
    },
    {
      line: 5,
      principals: ["carol@example.com"],
      names: ["carol@example.com"],
      namespaces: null,
      from: null,
      until: "2026-03-01T12:30:00.000Z",
      type: "ssh-rsa",
    },
    {
      line: 6,
      principals: ["dan@example.com"],
      names: ["dan@example.com"],
      namespaces: null,
      from: null,
      until: null,
      type: "sk-ssh-ed25519@openssh.com",
    },
    {
      line: 7,
      principals: ["*@example.com", "!eve@example.com"],
      names: [],
      namespaces: null,
      from: null,
      until: null,
      type: "ecdsa-sha2-nistp521",
    },
  ]);
});

it("is plain data, in which every word that decides makes a difference", () => {
  const lines = [
    `ada@example.com ${key}`,
    `ada@example.org ${key}`,
    `ada@example.com ${rsaSigner().publicKey}`,
    `ada@example.com namespaces="git" ${key}`,
    `ada@example.com valid-after="20260101" ${key}`,
    `ada@example.com valid-before="20260101" ${key}`,
    `ada@example.com valid-before="20270101" ${key}`,
    "nonsense",
  ];
  const hashes = lines.map((line) => hashOf(parse(line) as unknown as Json));
  expect(new Set(hashes).size).toBe(lines.length);
});

it("a name that the same line excludes names nobody", () => {
  expect(parse(`ada@example.com,!ada@* ${key}`).signers[0]!.names).toEqual([]);
});

describe("a line that cannot be used is told with its number and the reason", () => {
  const [type, base64] = key.split(" ") as [string, string];
  test.each([
    ["no key", "ada@example.com", "a line needs principals, a key type and a key"],
    ["no key after its options", 'ada@example.com namespaces="git"', "the line has no key"],
    ["a type without a key", `ada@example.com ${type}`, "the line has no key"],
    ["a key of DSA", "ada@example.com ssh-dss AAAAB3NzaC1kc3M=", 'a key of type "ssh-dss" is not supported'],
    ["cert-authority", `*@example.com cert-authority ${key}`, "cert-authority is not supported"],
    [
      "CERT-AUTHORITY after another",
      `a namespaces="x",CERT-AUTHORITY ${key}`,
      "cert-authority is not supported",
    ],
    [
      "an unknown option",
      `ada@example.com no-touch-required ${key}`,
      'the option "no-touch-required" is not known',
    ],
    ["an option without quotes", `ada@example.com namespaces=git ${key}`, 'namespaces="..."'],
    ["an option without a value", `ada@example.com valid-before ${key}`, 'valid-before="..."'],
    ["an option twice", `a namespaces="x",namespaces="y" ${key}`, "the option namespaces stands twice"],
    ["a comma at the end of its options", `a namespaces="x", ${key}`, "namespaces"],
    ["a date that is none", `a valid-before="20260231" ${key}`, 'valid-before is no date: "20260231"'],
    ["a date in words", `a valid-after="tomorrow" ${key}`, 'valid-after is no date: "tomorrow"'],
    ["dates the wrong way round", `a valid-after="20270101",valid-before="20260101" ${key}`, "never valid"],
    ["a key that is not base64", `ada@example.com ${type} !!!`, "the key is not base64"],
    ["a key that is cut off", `ada@example.com ${type} ${base64.slice(0, 40)}`, "cut off"],
    [
      "another key than its type says",
      `ada@example.com ssh-rsa ${base64}`,
      "says ssh-rsa, but its key is ssh-ed25519",
    ],
    [
      "a key with bytes after it",
      `a ${type} ${Buffer.concat([Buffer.from(base64, "base64"), blob("x")]).toString("base64")}`,
      "5 bytes too many",
    ],
    ["an empty principal", `ada@example.com,,bob@example.com ${key}`, "a principal is empty"],
    ["control characters", `ada\u001b[2J@example.com ${key}`, "control characters"],
    ["an RSA key of 1024 bits", `ada@example.com ${rsaSigner(1024).publicKey}`, "RSA key of 1024 bits"],
  ])("%s", (_what, line, why) => {
    const { signers, problems } = parse(`# first line\n${line}\n`);
    expect(signers).toEqual([]);
    expect(problems).toEqual([{ line: 2, why: expect.stringContaining(why) }]);
  });
});

it("the good lines beside a bad one count", () => {
  const { signers, problems } = parse(`nonsense\nada@example.com ${key}`);
  expect(signers.map(({ line }) => line)).toEqual([2]);
  expect(problems.map(({ line }) => line)).toEqual([1]);
});

it("a file that is about to be trusted may have no bad line: all of them are told at once", () => {
  const parsed = parse(`nonsense\nada@example.com ${key}\n*@example.com cert-authority ${key}`);
  let error: unknown;
  try {
    requireWellFormed(parsed);
  } catch (thrown) {
    error = thrown;
  }
  expect(isFairwayError(error)).toBe(true);
  expect(error).toMatchObject({
    code: "SIGNERS_INVALID",
    exitCode: 2,
    place: `${file}:1`,
    output: [
      `${file}:1: a line needs principals, a key type and a key`,
      `${file}:3: cert-authority is not supported: list each person's own key`,
    ].join("\n"),
  });
});

describe("a line means what it means to the real ssh-keygen", () => {
  // Where `ours` is given, Fairway is stricter on purpose.
  const lines: readonly { line: string; real: boolean; ours?: boolean }[] = [
    { line: `ada@example.com KEY`, real: true },
    { line: `bob@example.com KEY`, real: false },
    { line: `bob@example.com,ada@example.com KEY`, real: true },
    { line: `"ada@example.com,bob@example.com" KEY`, real: true },
    { line: `!ada@example.com,*@example.com KEY`, real: false },
    { line: `ada@example.com namespaces="fairway-approval" KEY`, real: true },
    { line: `ada@example.com namespaces="fairway-*" KEY`, real: true },
    { line: `ada@example.com namespaces="git,fairway-?pproval" KEY`, real: true },
    { line: `ada@example.com namespaces="*,!fairway-*" KEY`, real: false },
    { line: `ada@example.com namespaces="git" KEY`, real: false },
    { line: `ada@example.com namespaces="FAIRWAY-APPROVAL" KEY`, real: false },
    { line: `ada@example.com NameSpaces="fairway-approval" KEY`, real: true },
    { line: `ada@example.com namespaces=fairway-approval KEY`, real: false },
    { line: `ada@example.com namespaces="" KEY`, real: false },
    { line: `ada@example.com valid-after="20000101" KEY`, real: true },
    { line: `ada@example.com valid-after="20990101Z" KEY`, real: false },
    { line: `ada@example.com valid-before="20990101000000Z" KEY`, real: true },
    { line: `ada@example.com valid-before="200001010000" KEY`, real: false },
    { line: `ada@example.com valid-after="20000101",valid-before="20990101" KEY`, real: true },
    { line: `ada@example.com cert-authority KEY`, real: false },
    { line: `ada@example.com agent-forwarding KEY`, real: false },
    { line: `ada@example.com OTHER`, real: false },
    { line: `  ada@example.com  KEY a comment "of" words`, real: true },
    { line: `# ada@example.com KEY`, real: false },
    // A pattern names nobody: who approved could not be told.
    { line: `*@example.com KEY`, real: true, ours: false },
  ];

  const other = ed25519Signer().publicKey;
  const filled = (line: string) => line.replace("KEY", key).replace("OTHER", other);

  test.each(lines)("$line", ({ line, real, ours = real }) => {
    const judgement = judged({ signers: parse(filled(line)), votes: [vote(signer)] });
    const ada = judgement.counted.some(({ who }) => who === "ada@example.com" || who === "bob@example.com");
    const asAda = parse(filled(line)).signers.some(({ names }) => names.includes("ada@example.com"));
    expect(ada && asAda).toBe(ours);
  });

  test.for(lines)("and the real one agrees: $line", ({ line, real }, { skip }) => {
    if (noSshKeygen !== null) skip(noSshKeygen);
    const message = "message";
    expect(realVerdict({ message, signature: signer.sign(message), signers: `${filled(line)}\n` })).toBe(
      real,
    );
  });
});
