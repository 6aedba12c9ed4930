import { constants, createHash, verify } from "node:crypto";
import type { Curve } from "./curves.ts";
import type { SshPublicKey } from "./public-key.ts";
import { Malformed, WireReader } from "./wire.ts";

/** RSA signs with SHA-2 alone (RFC 8332); `ssh-rsa` would be SHA-1. */
const rsaHashes: Readonly<Record<string, string>> = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" };

/** Bit 0 of an authenticator's flags: somebody touched it. */
const userPresent = 0x01;

/**
 * Whether the signature's inner part (`string algorithm, string bytes`, and flags and counter of a FIDO key) proves
 * that the key's owner signed the data.
 * @throws Malformed when it cannot be one
 */
export function proves(key: SshPublicKey, data: Buffer, signature: Buffer): boolean {
  const reader = new WireReader(signature, "the signature");
  const algorithm = reader.name();
  if (key.type === "ssh-rsa" ? !Object.hasOwn(rsaHashes, algorithm) : algorithm !== key.type) {
    throw new Malformed(mismatch(key.type, algorithm));
  }
  const bytes = reader.string();
  const signed = key.application === null ? data : authenticatorData(reader, key.application, data);
  reader.end();
  if (key.type === "ssh-rsa") return provesRsa(key, rsaHashes[algorithm]!, signed, bytes);
  if (key.curve !== null) {
    const plain = plainEcdsa(bytes, key.curve);
    return verify(key.curve.hash, signed, { key: key.key, dsaEncoding: "ieee-p1363" }, plain);
  }
  if (bytes.length !== 64) throw new Malformed("the signature is no Ed25519 signature: it has not 64 bytes");
  return verify(null, signed, key.key, bytes);
}

function provesRsa(key: SshPublicKey, hash: string, signed: Buffer, bytes: Buffer): boolean {
  const length = (key.key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  if (bytes.length > Math.ceil(length)) throw new Malformed("the signature is longer than its RSA key");
  // Some agents leave out leading zeros.
  const padded = Buffer.concat([Buffer.alloc(Math.ceil(length) - bytes.length), bytes]);
  return verify(hash, signed, { key: key.key, padding: constants.RSA_PKCS1_PADDING }, padded);
}

/** r and s side by side, each as long as the curve's order. */
function plainEcdsa(bytes: Buffer, curve: Curve): Buffer {
  const reader = new WireReader(bytes, "the signature");
  const numbers = [reader.positive(), reader.positive()];
  reader.end();
  return Buffer.concat(
    numbers.map((number) => {
      if (number.length > curve.bytes) throw new Malformed("the signature is longer than its curve");
      return Buffer.concat([Buffer.alloc(curve.bytes - number.length), number]);
    }),
  );
}

/** What a FIDO authenticator signs: its application, what it saw, how often it signed, and the data's hash. */
function authenticatorData(reader: WireReader, application: string, data: Buffer): Buffer {
  const flags = reader.byte();
  const counter = reader.take(4);
  if ((flags & userPresent) === 0) {
    throw new Malformed("the security key says that nobody touched it (user presence is required)");
  }
  return Buffer.concat([sha256(application), Buffer.from([flags]), counter, sha256(data)]);
}

function sha256(data: string | Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}

function mismatch(type: string, algorithm: string): string {
  if (type === "ssh-rsa" && algorithm === "ssh-rsa") {
    return "RSA with SHA-1 is refused: sign with rsa-sha2-256 or rsa-sha2-512";
  }
  return `the signature is ${JSON.stringify(algorithm.slice(0, 60))}, which a key of type ${type} does not make`;
}
