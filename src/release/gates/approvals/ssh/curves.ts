/** The curves of ECDSA in SSH (RFC 5656), with the hash that each of them signs. */
export const curves = {
  nistp256: { jwk: "P-256", bytes: 32, hash: "sha256" },
  nistp384: { jwk: "P-384", bytes: 48, hash: "sha384" },
  nistp521: { jwk: "P-521", bytes: 66, hash: "sha512" },
} as const;

export type Curve = (typeof curves)[keyof typeof curves];

export function isCurve(name: string): name is keyof typeof curves {
  return Object.hasOwn(curves, name);
}
