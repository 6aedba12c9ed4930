import { createHash } from "node:crypto";
import { proves } from "./proof.ts";
import { readPublicKey, type KeyName } from "./public-key.ts";
import { Malformed, refusing, strictBase64, wireString, WireReader, type Refused } from "./wire.ts";

export type SignatureAnswer = { readonly ok: true; readonly key: KeyName } | Refused;

const preamble = "SSHSIG";
const hashes = ["sha256", "sha512"];
/** Characters; the largest RSA key needs about 6,000. */
const longest = 16_384;

/**
 * Whether an armored signature of `ssh-keygen -Y sign` is over exactly this message, in this namespace; and by which
 * key. Whose key that is, is another question. The format is OpenSSH's PROTOCOL.sshsig; stricter than ssh-keygen
 * where bytes could differ without changing the meaning. Never throws for what the signature holds.
 */
export function verifySshSignature(armored: string, message: string, namespace: string): SignatureAnswer {
  const answer = refusing(() => {
    const parts = readParts(unarmored(armored));
    if (parts.namespace !== namespace) {
      throw new Malformed(
        `the signature is for ${JSON.stringify(parts.namespace.slice(0, 60))}, not for ${JSON.stringify(namespace)}`,
      );
    }
    const data = Buffer.concat([
      Buffer.from(preamble),
      ...[namespace, "", parts.hash, createHash(parts.hash).update(message, "utf8").digest()].map(wireString),
    ]);
    if (!proves(parts.key, data, parts.signature)) {
      throw new Malformed("the signature does not fit what was signed: something was changed");
    }
    return parts.key;
  });
  if (!answer.ok) return answer;
  const { type, fingerprint } = answer.value;
  return { ok: true, key: { type, fingerprint } };
}

/** The bytes between header and footer. Line feeds may stand anywhere between them, nothing else may. */
function unarmored(armored: string): Buffer {
  if (armored.length > longest)
    throw new Malformed(`the signature is longer than ${String(longest)} characters`);
  const match = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]*)\n-----END SSH SIGNATURE-----\n?$/.exec(
    armored,
  );
  if (match === null) throw new Malformed("this is no armored SSH signature, or it is cut off");
  return strictBase64(match[1]!.replaceAll("\n", ""), "the signature");
}

function readParts(blob: Buffer) {
  const reader = new WireReader(blob, "the signature");
  if (reader.take(preamble.length).toString("latin1") !== preamble) {
    throw new Malformed("the signature does not start with SSHSIG");
  }
  const version = reader.uint32();
  if (version !== 1) throw new Malformed(`version ${String(version)} of SSH signatures is not known`);
  const key = readPublicKey(reader.string());
  const namespace = reader.name();
  // Nothing signs this field; what is not signed is not taken.
  if (reader.string().length > 0) throw new Malformed("the signature uses its reserved field");
  const hash = reader.name();
  if (!hashes.includes(hash)) {
    throw new Malformed(
      `the signature's hash ${JSON.stringify(hash.slice(0, 60))} is not one of ${hashes.join(", ")}`,
    );
  }
  const signature = reader.string();
  reader.end();
  return { key, namespace, hash, signature };
}
