import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { curves, isCurve, type Curve } from "./curves.ts";
import { Malformed, strictBase64, WireReader } from "./wire.ts";

/** What tells one key from another. */
export interface KeyName {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`, `sk-ssh-ed25519@openssh.com`, ... */
  readonly type: string;
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** A public key of SSH that node:crypto can verify with. */
export interface SshPublicKey extends KeyName {
  readonly key: KeyObject;
  readonly curve: Curve | null;
  /** What a FIDO authenticator signs for, `ssh:` as a rule; null for keys that are none. */
  readonly application: string | null;
}

/** Bits of the smallest and the largest RSA modulus: weaker is no proof, larger only costs time. */
const rsaBits = { least: 2048, most: 16_384 };

const readers: Readonly<Record<string, (reader: WireReader) => Parts>> = {
  "ssh-ed25519": ed25519,
  "ssh-rsa": rsa,
  "ecdsa-sha2-nistp256": ecdsa("nistp256"),
  "ecdsa-sha2-nistp384": ecdsa("nistp384"),
  "ecdsa-sha2-nistp521": ecdsa("nistp521"),
  "sk-ssh-ed25519@openssh.com": withApplication(ed25519),
  "sk-ecdsa-sha2-nistp256@openssh.com": withApplication(ecdsa("nistp256")),
};

/** @throws Malformed */
export function readPublicKey(blob: Buffer): SshPublicKey {
  const reader = new WireReader(blob, "the public key");
  const type = reader.name();
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (read === undefined) throw new Malformed(whyNot(type));
  const { jwk, curve, application } = read(reader);
  reader.end();
  const fingerprint = `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
  return { type, fingerprint, key: imported(jwk, type), curve, application };
}

/** The key of a line such as `ssh-ed25519 AAAAC3...`, given its two fields. @throws Malformed */
export function publicKeyOfText(type: string, base64: string): SshPublicKey {
  if (!Object.hasOwn(readers, type)) throw new Malformed(whyNot(type));
  const key = readPublicKey(strictBase64(base64, "the key"));
  if (key.type !== type) throw new Malformed(`the line says ${type}, but its key is ${key.type}`);
  return key;
}

interface Parts {
  readonly jwk: JsonWebKey;
  readonly curve: Curve | null;
  readonly application: string | null;
}

function ed25519(reader: WireReader): Parts {
  const point = reader.string();
  if (point.length !== 32) throw new Malformed("the public key is no Ed25519 key: it has not 32 bytes");
  return {
    jwk: { kty: "OKP", crv: "Ed25519", x: point.toString("base64url") },
    curve: null,
    application: null,
  };
}

function rsa(reader: WireReader): Parts {
  const exponent = reader.positive();
  const modulus = reader.positive();
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < rsaBits.least || bits > rsaBits.most) {
    throw new Malformed(
      `an RSA key of ${String(bits)} bits is not taken: ${String(rsaBits.least)} to ${String(rsaBits.most)} are`,
    );
  }
  // With 1 as exponent anybody can sign.
  if (exponent.length === 1 && exponent[0]! < 3) throw new Malformed("the RSA key's exponent is not taken");
  const jwk = { kty: "RSA", n: modulus.toString("base64url"), e: exponent.toString("base64url") };
  return { jwk, curve: null, application: null };
}

function ecdsa(expected: string) {
  return (reader: WireReader): Parts => {
    const name = reader.name();
    if (name !== expected || !isCurve(name)) {
      throw new Malformed(`the public key says ${expected} and ${JSON.stringify(name)}`);
    }
    const curve = curves[name];
    const point = reader.string();
    // 4 is the uncompressed form, the only one of RFC 5656 that OpenSSH writes.
    if (point[0] !== 4 || point.length !== 1 + 2 * curve.bytes) {
      throw new Malformed(`the public key is no point of ${name}`);
    }
    const x = point.subarray(1, 1 + curve.bytes).toString("base64url");
    const y = point.subarray(1 + curve.bytes).toString("base64url");
    return { jwk: { kty: "EC", crv: curve.jwk, x, y }, curve, application: null };
  };
}

function withApplication(read: (reader: WireReader) => Parts) {
  return (reader: WireReader): Parts => ({ ...read(reader), application: reader.string().toString("utf8") });
}

/** OpenSSL checks here that a point lies on its curve. */
function imported(jwk: JsonWebKey, type: string): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    throw new Malformed(`the public key is not a valid ${type} key`);
  }
}

function whyNot(type: string): string {
  if (type.includes("-cert-")) return "certificates are not supported: list the key itself";
  const known = Object.keys(readers).join(", ");
  return `a key of type ${JSON.stringify(type.slice(0, 60))} is not supported; these are: ${known}`;
}
