import { parse } from "dotenv";
import { usageError } from "../../model/errors.ts";

/** Values of fewer characters cannot be hidden in a log without hiding half of the log. */
const shortestSecret = 4;

/**
 * The values of `names` that one dotenv document has; its other entries are not used.
 * @param document undefined when the caller gave none.
 * @throws FairwayError SECRET_TOO_SHORT (exit 2)
 */
export function readSecrets(
  document: string | undefined,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const all = document === undefined ? {} : parse(document);
  const values = Object.fromEntries(
    [...new Set(names)].sort().flatMap((name) => (all[name] ? [[name, all[name]]] : [])),
  );
  const short = Object.keys(values).filter((name) => (values[name] ?? "").length < shortestSecret);
  if (short.length > 0) {
    throw usageError(`the value of ${short.join(", ")} is shorter than ${shortestSecret} characters`, {
      code: "SECRET_TOO_SHORT",
      place: "the document that --secrets names",
      remedy:
        "A value that short cannot be kept out of logs. If it is no secret, put it under variables in fairway.yaml.",
    });
  }
  return values;
}
