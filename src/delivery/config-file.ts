import { usageError } from "../model/errors.ts";

export const configFile = "fairway.yaml";

/** CONFIG_MISSING (exit 2), with the command that writes one. */
export function configMissing(what = "the repository has no fairway.yaml"): Error {
  return usageError(what, {
    code: "CONFIG_MISSING",
    place: configFile,
    remedy: "Write one from what the repository has:\nnpx fairway init",
  });
}
