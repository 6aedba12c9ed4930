import { usageError } from "../../model/errors.ts";

/** Nobody deployed this environment from this repository on this machine; its name may be wrong. */
export function neverRan(environment: string): Error {
  return usageError(`nothing of ${environment} has run on this machine`, {
    code: "ENVIRONMENT_NOT_HERE",
    remedy: `npx fairway deploy --env ${environment}`,
  });
}
