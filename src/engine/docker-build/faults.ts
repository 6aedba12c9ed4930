import { usageError, type FairwayError } from "../../model/errors.ts";

/** What keeps an instruction from being followed, known before it is. */
export interface Fault {
  /** `apps/api/Dockerfile:12` */
  readonly place: string;
  /** `COPY --parents` */
  readonly what: string;
  /** `invalid` is in no engine's language; `unsupported` is what the real engine has. */
  readonly kind: "invalid" | "unsupported";
  /** What is said of it: `unknown flag` */
  readonly reason: string;
}

/** A fault without its place, its `what` without the instruction. */
export type Finding = Omit<Fault, "place">;

export function unsupported(what: string, reason = "the embedded engine does not support it"): Finding {
  return { what, kind: "unsupported", reason };
}

export function invalid(what: string, reason: string): Finding {
  return { what, kind: "invalid", reason };
}

/** All faults of a Dockerfile as one error: exit code 2, and what to do about them at the end. */
export function refused(file: string, faults: readonly Fault[]): FairwayError {
  const told = faults.map(({ place, what, reason }) => `${place}: ${what}: ${reason}`);
  const [first] = faults;
  const isOne = faults.length === 1 && first !== undefined;
  const heading = `${file} cannot be built here, for ${String(faults.length)} reasons:`;
  return usageError(isOne ? (told[0] ?? "") : [heading, ...told].join("\n  "), {
    code: faults.some(isInvalid) ? "DOCKERFILE_INVALID" : "DOCKERFILE_UNSUPPORTED",
    place: isOne ? `${first.place} ${first.what}` : file,
    remedy: remedyOf(faults),
  });
}

export function isInvalid({ kind }: Fault): boolean {
  return kind === "invalid";
}

function remedyOf(faults: readonly Fault[]): string {
  const real = "The real Dagger engine has what the embedded one does not support: --engine dagger";
  const correct = "Correct what is no part of the Dockerfile language; no engine has it.";
  if (!faults.some(isInvalid)) return real;
  return faults.every(isInvalid) ? correct : `${correct}\n${real}`;
}
