import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { usageError } from "../../model/errors.ts";
import type { ExecPattern, StepAnswer } from "../../testing/testing.ts";

const rule = z.strictObject({
  when: z.union([
    z.string(),
    z.strictObject({
      argv: z.array(z.string()).optional(),
      exactly: z.array(z.string()).optional(),
      line: z.string().optional(),
      image: z.string().optional(),
      mounts: z.array(z.string()).optional(),
      env: z.array(z.string()).optional(),
      services: z.array(z.string()).optional(),
      place: z.string().optional(),
    }),
  ]),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  exitCode: z.int().min(0).max(255).optional(),
  files: z.record(z.string(), z.string()).optional(),
});

export interface AnswerRule {
  readonly when: string | ExecPattern;
  readonly answer: StepAnswer;
}

/** What a file says that steps answer: a list of `{ when, stdout, stderr, exitCode, files }`; the first that fits counts. */
export async function readAnswers(name: string | undefined, workdir: string): Promise<readonly AnswerRule[]> {
  if (name === undefined) return [];
  const { parse } = await import("yaml");
  const refuse = (reason: string, cause?: unknown) =>
    usageError(`the answers in ${name} cannot be used: ${reason}`, {
      code: "ANSWERS_INVALID",
      place: name,
      remedy: 'it is a list, e.g. - { when: "git rev-parse *", stdout: "4f2a9c1" }',
      ...(cause === undefined ? {} : { cause }),
    });
  let document: unknown;
  try {
    document = parse(await readFile(resolve(workdir, name), "utf8"));
  } catch (error) {
    throw refuse((error as Error).message, error);
  }
  const checked = z.array(rule).safeParse(document ?? []);
  if (!checked.success) throw refuse(z.prettifyError(checked.error));
  return checked.data.map(({ when, ...answer }) => ({
    when: when as string | ExecPattern,
    answer: answer as StepAnswer,
  }));
}
