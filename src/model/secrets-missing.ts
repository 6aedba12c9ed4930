import { usageError, type FairwayError } from "./errors.ts";

/** A value that the config names and nobody gave: one error, whoever misses it. Exit code 2. */
export function secretsMissing(
  /** Who needs which, as a sentence without its full stop: `staging needs a value for TOKEN`. */
  sentence: string,
  {
    file,
    command = "npx fairway",
    place = "--secrets",
  }: {
    /** What the dotenv file is called for: `.env.<file>`. */
    readonly file: string;
    readonly command?: string;
    readonly place?: string;
  },
): FairwayError {
  return usageError(sentence, {
    code: "SECRETS_MISSING",
    place,
    remedy:
      "Give the values in a dotenv file that is not committed, before the command's name:\n" +
      `${command} --secrets file:.env.${file} ...`,
  });
}
