import { validateConfig } from "../../../src/config/config.ts";
import { isFairwayError } from "../../../src/model/errors.ts";

/** Where a config is wrong, and all that is said of it. */
export function outputOf(input: unknown): string {
  try {
    validateConfig(input, "fairway.yaml");
  } catch (error) {
    if (isFairwayError(error)) return `${error.place ?? ""} ${error.message}\n${error.output ?? ""}`;
    throw error;
  }
  throw new Error("it was accepted");
}
