import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { verifySshSignature } from "../../../../src/release/gates/approvals/approvals.ts";
import { noSshKeygen, realVerdict } from "../../../support/ssh-keygen.ts";
import {
  armored,
  blob,
  ecdsaSigner,
  ed25519Signer,
  namespace,
  rsaSigner,
  securityKeySigner,
  type SigningFaults,
} from "../../../support/ssh-signer.ts";

const message = "what is signed: für alle";
const verified = (signature: string, text = message) => verifySshSignature(signature, text, namespace);
const { statement, recorded } = JSON.parse(
  readFileSync(new URL("fixtures/signatures.json", import.meta.url), "utf8"),
) as {
  readonly statement: string;
  readonly recorded: readonly {
    readonly kind: string;
    readonly publicKey: string;
    readonly signature: string;
  }[];
};

describe("what ssh-keygen signed", () => {
  test.each(recorded)("a signature of $kind is taken, and its key told", ({ publicKey, signature }) => {
    const answer = verified(signature, statement);
    expect(answer).toMatchObject({ ok: true, key: { type: publicKey.split(" ")[0] } });
  });

  test.each(recorded)("a signature of $kind over other words is not", ({ signature }) => {
    expect(verified(signature, `${statement} `)).toMatchObject({
      ok: false,
      why: expect.stringContaining("something was changed"),
    });
  });
});

const kinds = {
  ed25519: ed25519Signer(),
  rsa: rsaSigner(),
  nistp256: ecdsaSigner("nistp256"),
  nistp384: ecdsaSigner("nistp384"),
  nistp521: ecdsaSigner("nistp521"),
  "security key ed25519": securityKeySigner("ed25519"),
  "security key ecdsa": securityKeySigner("nistp256"),
};

describe.each(Object.entries(kinds))("a signature by a key of kind %s", (_kind, signer) => {
  it("is taken", () => {
    expect(verified(signer.sign(message))).toMatchObject({ ok: true });
  });

  it("is taken with SHA-256 of the message too", () => {
    expect(verified(signer.sign(message, { hash: "sha256" }))).toMatchObject({ ok: true });
  });

  // ECDSA's numbers have leading zeros now and then.
  it("is taken whatever the message is", { timeout: 30_000 }, () => {
    const messages = Array.from({ length: 300 }, (_, index) => `message ${String(index)}`);
    const refused = messages.filter((text) => !verified(signer.sign(text), text).ok);
    expect(refused).toEqual([]);
  });

  it("is what the real ssh-keygen takes", ({ skip }) => {
    if (noSshKeygen !== null) skip(noSshKeygen);
    expect(realVerdict({ message, signature: signer.sign(message) })).toBe(true);
  });

  const faults: readonly [string, SigningFaults, string][] = [
    ["made for git", { namespace: "git" }, 'is for "git", not for "fairway-approval"'],
    ["without a namespace", { namespace: "" }, 'is for "", not for'],
    ["over an MD5 sum", { hash: "md5" }, 'hash "md5" is not one of'],
    ["over a SHA-1 sum", { hash: "sha1" }, 'hash "sha1" is not one of'],
    ["over a SHA-384 sum", { hash: "sha384" }, 'hash "sha384" is not one of'],
    ["of version 2", { version: 2 }, "version 2 of SSH signatures"],
    ["with something in the reserved field", { reserved: "x" }, "reserved field"],
    ["of another algorithm", { algorithm: "ssh-dss" }, 'is "ssh-dss", which a key of type'],
    ["with a byte after it", { afterSignature: "x" }, "1 bytes too many"],
    ["with a byte after its key", { afterKey: "x" }, "the public key has 1 bytes too many"],
    ["with a byte after all", { afterAll: "x" }, "1 bytes too many"],
  ];
  test.each(faults)("%s is refused with the reason", (_what, fault, why) => {
    expect(verified(signer.sign(message, fault))).toEqual({ ok: false, why: expect.stringContaining(why) });
  });

  it("is refused wherever it is cut off", () => {
    const bytes = bytesOf(signer.sign(message));
    for (let length = 0; length < bytes.length; length += 1) {
      const answer = verified(armored(bytes.subarray(0, length)));
      expect(answer).toEqual({ ok: false, why: expect.stringMatching(/cut off|is not base64|no armored/) });
    }
  });

  it("is refused with any one byte changed", () => {
    const bytes = bytesOf(signer.sign(message));
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = changed[index]! ^ 0x01;
      expect(verified(armored(changed)), `byte ${String(index)}`).toMatchObject({ ok: false });
    }
  });
});

describe("the strength of keys", () => {
  it("refuses RSA with SHA-1 by name", () => {
    const signature = kinds.rsa.sign(message, { algorithm: "ssh-rsa" });
    expect(verified(signature)).toEqual({
      ok: false,
      why: expect.stringContaining("RSA with SHA-1 is refused"),
    });
  });

  it("takes rsa-sha2-256", () => {
    expect(verified(kinds.rsa.sign(message, { algorithm: "rsa-sha2-256" }))).toMatchObject({ ok: true });
  });

  it("refuses an RSA key of 1024 bits", () => {
    expect(verified(rsaSigner(1024).sign(message))).toEqual({
      ok: false,
      why: "an RSA key of 1024 bits is not taken: 2048 to 16384 are",
    });
  });

  it("refuses an RSA key whose exponent lets anybody sign", () => {
    const modulus = Buffer.alloc(257, 0xff).fill(0, 0, 1);
    const key = blob("ssh-rsa", Buffer.from([1]), modulus);
    expect(verified(armored(whole(key)))).toEqual({ ok: false, why: expect.stringContaining("exponent") });
  });

  it.each([
    ["with needless zeros", Buffer.from([0, 1, 0, 1]), "a number with needless zeros"],
    ["that is negative", Buffer.from([0x81, 0, 1]), "a number that is not positive"],
    ["that is empty", Buffer.alloc(0), "a number that is not positive"],
  ])("refuses a number %s: each has one spelling", (_what, exponent, why) => {
    const key = blob("ssh-rsa", exponent, Buffer.alloc(257, 0xff).fill(0, 0, 1));
    expect(verified(armored(whole(key)))).toEqual({ ok: false, why: expect.stringContaining(why) });
  });

  it.each(["ed25519", "nistp256"] as const)("refuses a security key of %s that nobody touched", (kind) => {
    const signature = securityKeySigner(kind).sign(message, { flags: 0x04 });
    expect(verified(signature)).toEqual({ ok: false, why: expect.stringContaining("nobody touched it") });
  });

  it("refuses a point that is not on its curve", () => {
    const key = blob("ecdsa-sha2-nistp256", "nistp256", Buffer.from([4, ...Buffer.alloc(64, 7)]));
    expect(verified(armored(whole(key)))).toEqual({
      ok: false,
      why: "the public key is not a valid ecdsa-sha2-nistp256 key",
    });
  });

  it("refuses a key whose curve is another than its type's", () => {
    const key = blob("ecdsa-sha2-nistp256", "nistp384", Buffer.alloc(97, 4));
    expect(verified(armored(whole(key)))).toEqual({
      ok: false,
      why: 'the public key says nistp256 and "nistp384"',
    });
  });

  it.each(["ssh-dss", "toString", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"])(
    "refuses a key of type %s by name",
    (type) => {
      expect(verified(armored(whole(blob(type, "x"))))).toEqual({
        ok: false,
        why: expect.stringContaining(`a key of type "${type}" is not supported`),
      });
    },
  );

  it("refuses a certificate, and says what to do", () => {
    const key = blob("ssh-ed25519-cert-v01@openssh.com", "x");
    expect(verified(armored(whole(key)))).toEqual({
      ok: false,
      why: "certificates are not supported: list the key itself",
    });
  });
});

describe("the armor", () => {
  const signature = kinds.ed25519.sign(message);

  test.each([
    ["nothing", ""],
    ["words", "approved, I promise"],
    ["something before it", `x${signature}`],
    ["something after it", `${signature}x`],
    ["two signatures", signature + signature],
    ["carriage returns", signature.replaceAll("\n", "\r\n")],
    ["blanks in it", signature.replace("\nU1N", "\n U1N")],
    ["no footer", signature.split("\n").slice(0, -2).join("\n")],
    ["another header", signature.replace("SSH SIGNATURE", "PGP SIGNATURE")],
    ["no content", "-----BEGIN SSH SIGNATURE-----\n\n-----END SSH SIGNATURE-----\n"],
    ["URL-safe base64", armored(Buffer.from("SSHSIG")).replace("U1NI", "U1N_")],
    ["more than any key needs", armored(Buffer.alloc(20_000))],
  ])("with %s is refused", (_what, text) => {
    expect(verified(text)).toEqual({ ok: false, why: expect.any(String) });
  });

  it("may end without a line feed", () => {
    expect(verified(signature.trimEnd())).toMatchObject({ ok: true });
  });
});

function bytesOf(signature: string): Buffer {
  return Buffer.from(signature.replaceAll(/-----.*-----/g, ""), "base64");
}

function whole(key: Buffer): Buffer {
  const inner = blob("ssh-ed25519", Buffer.alloc(64));
  return Buffer.concat([
    Buffer.from("SSHSIG\0\0\0\u0001", "latin1"),
    blob(key, namespace, "", "sha512", inner),
  ]);
}
