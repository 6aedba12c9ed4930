import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { approvalNamespace } from "../../release/gates/approvals/approvals.ts";

/** A key that signs as `ssh-keygen -Y sign` does. */
export interface SshKey {
  /** `ssh-ed25519 AAAA...`, as a public key file has it. */
  readonly publicKey: string;
  /** The armored signature under Fairway's namespace. */
  readonly sign: (message: string) => string;
}

/** The key of a person that there is not: the same name has the same key in every run, so it is worth nothing. */
export function sshKeyOf(name: string): SshKey {
  // PKCS #8 of an Ed25519 key (RFC 8410): this, then its 32 bytes.
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const der = Buffer.concat([prefix, createHash("sha256").update(name).digest()]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const type = "ssh-ed25519";
  const key = sshStrings(type, Buffer.from(x, "base64url"));
  return {
    publicKey: `${type} ${key.toString("base64")}`,
    sign: (message) => {
      const hash = "sha512";
      const hashed = createHash(hash).update(message, "utf8").digest();
      const magic = Buffer.from("SSHSIG");
      const data = Buffer.concat([magic, sshStrings(approvalNamespace, "", hash, hashed)]);
      const signature = sshStrings(type, sign(null, data, privateKey));
      const version = Buffer.from([0, 0, 0, 1]);
      return armored(
        Buffer.concat([magic, version, sshStrings(key), sshStrings(approvalNamespace, "", hash, signature)]),
      );
    },
  };
}

/** The text that ssh-keygen writes for a signature. */
export function armored(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
}

/** SSH strings, one after the other (RFC 4251, 5). */
export function sshStrings(...fields: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field as string);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
