import { exitCodes, FairwayError, isFairwayError } from "../../model/errors.ts";
import type { Instruction } from "./parse.ts";
import type { Stage } from "./stages.ts";

/**
 * An image that cannot be had, told with the line that names it. What a COPY or a mount names may have been meant for
 * a stage: those that it could be are listed. Any other error stays as it is.
 * @param earlier the stages before it; none where FROM names the image
 */
export function missingSource(
  error: unknown,
  name: string,
  { place, keyword }: Pick<Instruction, "place" | "keyword">,
  earlier: readonly Stage[],
): unknown {
  if (!isFairwayError(error) || !error.code.startsWith("STAND_IN_")) return error;
  const { message, code, exitCode, remedy } = error;
  if (keyword === "FROM") {
    const at = `${place} FROM ${name}`;
    return new FairwayError(`${place}: ${message}`, { code, exitCode, place: at, remedy, cause: error });
  }
  const names = earlier.flatMap((stage) => (stage.name === null ? [] : [stage.name]));
  const stages = names.length === 0 ? "none has a name" : `their names: ${names.join(", ")}`;
  const what = keyword === "RUN" ? `RUN --mount from=${name}` : `${keyword} --from=${name}`;
  return new FairwayError(`${place}: ${what}: no stage before it is ${name} (${stages}), and ${message}`, {
    code: "DOCKERFILE_UNSUPPORTED",
    exitCode: exitCodes.usage,
    place: `${place} ${what}`,
    remedy: names.length === 0 ? remedy : `name one of the stages, or ${remedy ?? "another image"}`,
    cause: error,
  });
}
