import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from "node:crypto";
import { armored, sshStrings as blob } from "../../src/testing/people/ssh-key.ts";

export { armored, blob };

/** Signs as `ssh-keygen -Y sign` does, with keys that live for one test; and can be told to do it wrong. */
export interface SshSigner {
  /** `ssh-ed25519 AAAA...`, as a public key file has it. */
  readonly publicKey: string;
  sign(message: string, faults?: SigningFaults): string;
}

/** What a signature says instead of what is right. */
export interface SigningFaults {
  readonly namespace?: string;
  readonly hash?: string;
  readonly version?: number;
  readonly reserved?: string;
  readonly algorithm?: string;
  /** Flags of a FIDO authenticator. @default 1, somebody touched it */
  readonly flags?: number;
  /** Appended to the inner signature, to the key, to the whole. */
  readonly afterSignature?: string;
  readonly afterKey?: string;
  readonly afterAll?: string;
}

export const namespace = "fairway-approval";

/** @param seed for a key that is the same in every run, as golden files need it */
export function ed25519Signer(seed?: string): SshSigner {
  const { publicKey, privateKey } = seed === undefined ? generateKeyPairSync("ed25519") : keyOf(seed);
  const key = blob("ssh-ed25519", raw(publicKey));
  return signer("ssh-ed25519", key, (data) => sign(null, data, privateKey));
}

export function rsaSigner(bits = 2048): SshSigner {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  const { n, e } = publicKey.export({ format: "jwk" });
  const key = blob("ssh-rsa", mpint(decoded(e)), mpint(decoded(n)));
  return signer("ssh-rsa", key, (data, algorithm) => {
    const hash = { "rsa-sha2-256": "sha256", "ssh-rsa": "sha1" }[algorithm] ?? "sha512";
    return sign(hash, data, privateKey);
  });
}

export function ecdsaSigner(name: "nistp256" | "nistp384" | "nistp521"): SshSigner {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: curves[name].openssl });
  const key = blob(`ecdsa-sha2-${name}`, name, pointOf(publicKey));
  return signer(`ecdsa-sha2-${name}`, key, (data) => ecdsa(curves[name].hash, data, privateKey));
}

/** A FIDO authenticator in software, for `ssh:`. */
export function securityKeySigner(kind: "ed25519" | "nistp256"): SshSigner {
  const type = kind === "ed25519" ? "sk-ssh-ed25519@openssh.com" : "sk-ecdsa-sha2-nistp256@openssh.com";
  const { publicKey, privateKey } =
    kind === "ed25519"
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const key =
    kind === "ed25519"
      ? blob(type, raw(publicKey), "ssh:")
      : blob(type, "nistp256", pointOf(publicKey), "ssh:");
  return signer(
    type,
    key,
    (data, _algorithm, seen) => {
      const signed = Buffer.concat([sha256("ssh:"), seen, sha256(data)]);
      return kind === "ed25519" ? sign(null, signed, privateKey) : ecdsa("sha256", signed, privateKey);
    },
    true,
  );
}

function keyOf(seed: string): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  // PKCS #8 of an Ed25519 key (RFC 8410): this, then its 32 bytes.
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), sha256(seed)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function signer(
  type: string,
  key: Buffer,
  prove: (data: Buffer, algorithm: string, seen: Buffer) => Buffer,
  isSecurityKey = false,
): SshSigner {
  return {
    publicKey: `${type} ${key.toString("base64")}`,
    sign: (message, faults = {}) => {
      const given = { namespace, hash: "sha512", version: 1, reserved: "", flags: 1, ...faults };
      const algorithm = faults.algorithm ?? (type === "ssh-rsa" ? "rsa-sha2-512" : type);
      const hashed = createHash(given.hash).update(message, "utf8").digest();
      const data = Buffer.concat([Buffer.from("SSHSIG"), blob(given.namespace, "", given.hash, hashed)]);
      const seen = isSecurityKey ? Buffer.from([given.flags, 0, 0, 0, 7]) : Buffer.alloc(0);
      const inner = Buffer.concat([
        blob(algorithm, prove(data, algorithm, seen)),
        seen,
        Buffer.from(given.afterSignature ?? ""),
      ]);
      const whole = Buffer.concat([
        Buffer.from("SSHSIG"),
        Buffer.from([0, 0, 0, given.version]),
        blob(Buffer.concat([key, Buffer.from(given.afterKey ?? "")])),
        blob(given.namespace, given.reserved, given.hash, inner),
        Buffer.from(given.afterAll ?? ""),
      ]);
      return armored(whole);
    },
  };
}

const curves = {
  nistp256: { openssl: "prime256v1", hash: "sha256" },
  nistp384: { openssl: "secp384r1", hash: "sha384" },
  nistp521: { openssl: "secp521r1", hash: "sha512" },
} as const;

function ecdsa(hash: string, data: Buffer, key: KeyObject): Buffer {
  const plain = sign(hash, data, { key, dsaEncoding: "ieee-p1363" });
  const half = plain.length / 2;
  return blob(mpint(plain.subarray(0, half)), mpint(plain.subarray(half)));
}

/** A positive number in SSH's shortest spelling. */
function mpint(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(first);
  return short[0]! > 0x7f ? Buffer.concat([Buffer.alloc(1), short]) : short;
}

function raw(publicKey: KeyObject): Buffer {
  return decoded(publicKey.export({ format: "jwk" }).x);
}

function pointOf(publicKey: KeyObject): Buffer {
  const { x, y } = publicKey.export({ format: "jwk" });
  return Buffer.concat([Buffer.from([4]), decoded(x), decoded(y)]);
}

function decoded(text: string | undefined): Buffer {
  return Buffer.from(text ?? "", "base64url");
}

function sha256(data: string | Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}
