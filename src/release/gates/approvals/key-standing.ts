import type { IgnoredKind } from "./judgement.ts";
import type { AllowedSigners, Signer } from "./signers/allowed-signers.ts";
import { matchesList } from "./signers/patterns.ts";
import { approvalNamespace } from "./statement.ts";

export type KeyStanding =
  | { readonly ok: true; readonly lines: readonly Signer[]; readonly names: readonly string[] }
  | { readonly ok: false; readonly kind: IgnoredKind; readonly why: string };

/** The lines by which a key may approve at all of these moments, or why there is none. */
export function keyStanding(
  signers: AllowedSigners,
  fingerprint: string,
  moments: readonly Date[],
): KeyStanding {
  const known = signers.signers.filter((signer) => signer.key.fingerprint === fingerprint);
  if (known.length === 0) {
    const bad = signers.problems.map(({ line }) => String(line)).join(", ");
    const lines = bad === "" ? "" : `, of which these lines cannot be used: ${bad}`;
    return {
      ok: false,
      kind: "unknown-key",
      why: `its key ${fingerprint} is not in the ${signers.file} that counts${lines}`,
    };
  }
  const lines = known.filter((line) => refusalOf(line, moments) === null);
  if (lines.length > 0) return { ok: true, lines, names: lines.flatMap((line) => line.names) };
  const [kind, why] = refusalOf(known[0]!, moments)!;
  return { ok: false, kind, why: `${signers.file}:${String(known[0]!.line)} ${why}` };
}

function refusalOf(line: Signer, moments: readonly Date[]): [IgnoredKind, string] | null {
  if (line.namespaces !== null && !matchesList(approvalNamespace, line.namespaces)) {
    return ["key-not-allowed", `does not let its key sign for the namespace ${approvalNamespace}`];
  }
  const { validAfter: from, validBefore: until } = line;
  if (from !== null && moments.some((moment) => moment < new Date(from))) {
    return ["key-not-valid", `lets its key sign only after ${from}`];
  }
  if (until !== null && moments.some((moment) => moment > new Date(until))) {
    return ["key-not-valid", `let its key sign only until ${until}`];
  }
  return null;
}
