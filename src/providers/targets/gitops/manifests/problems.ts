import { usageError, type FairwayError } from "../../../../model/errors.ts";

/** Something in a manifest that keeps Fairway from reading or setting an image. */
export interface ManifestProblem {
  readonly code:
    | "MANIFEST_MISSING"
    | "MANIFEST_INVALID"
    | "MANIFEST_ENTRY_MISSING"
    | "MANIFEST_ENTRY_TWICE"
    | "MANIFEST_SHAPE";
  readonly message: string;
  /** `apps/shop/kustomization.yaml:12:5` */
  readonly place: string;
  readonly remedy: string;
}

export function isProblem(value: object): value is ManifestProblem {
  return "remedy" in value;
}

/** All of them in one error. */
export function manifestsError(problems: readonly [ManifestProblem, ...ManifestProblem[]]): FairwayError {
  const [first, ...others] = problems;
  if (others.length === 0) return usageError(first.message, first);
  return usageError(`${problems.length} images cannot be read from the manifests`, {
    code: first.code,
    place: first.place,
    output: problems.map(({ place, message }) => `${place}: ${message}`).join("\n"),
    remedy: [...new Set(problems.map(({ remedy }) => remedy))].join("\n"),
  });
}
