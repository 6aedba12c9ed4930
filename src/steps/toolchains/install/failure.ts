import { failure, type FairwayError } from "../../../model/errors.ts";
import { lastLines, outputOf, stepFailure } from "../../step-failure.ts";
import type { PackageManager } from "../managers/package-manager.ts";
import type { Toolchain } from "../toolchain.ts";

/** What each of them says of a lockfile that does not fit. */
const outdated = new RegExp(
  [
    "ERR_PNPM_OUTDATED_LOCKFILE",
    "npm ci. can only install packages when",
    "Your lockfile needs to be updated",
    "YN0028",
    "lock ?file .*needs to be updated but --locked",
    "cannot update the lock ?file",
  ].join("|"),
);

/** How `npm ci` is called stands between what it said and the end. */
const npmUsage = /\nnpm error\s*\nnpm error Clean install a project[^]*/;

/** Undefined for what is no failed step. */
export function installFailure(
  error: unknown,
  { manager, lockfile }: Toolchain,
  { install }: PackageManager,
): FairwayError | undefined {
  const failed = stepFailure(error);
  if (failed === undefined) return undefined;
  const output = outputOf(failed).replace(npmUsage, "");
  if (outdated.test(output)) {
    return failure(`${lockfile} does not fit the manifests of the repository`, {
      code: "LOCKFILE_OUTDATED",
      place: lockfile,
      output: lastLines(output, 40),
      remedy: `Bring it up to date and commit it:\n${manager === "cargo" ? "cargo update --workspace" : `${manager} install`}`,
      cause: error,
    });
  }
  return failure("the dependencies could not be installed", {
    code: "INSTALL_FAILED",
    place: lockfile,
    output: lastLines(output, 40),
    remedy: `The same happens with:\n${install.join(" ")}`,
    cause: error,
  });
}
