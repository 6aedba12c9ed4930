import { inspect } from "node:util";
import type { Container } from "@dagger.io/dagger";
import { z } from "zod";
import { failure } from "../../model/errors.ts";
import { findingKinds, severities, type ToolReport } from "../../model/finding.ts";
import type { CheckAnswer, StepAnswer } from "./check.ts";

const text = z.string();
const position = z.int().min(1).optional();
const place = z.object({ path: text, line: position, column: position });
const finding = z.object({
  ...{ tool: text, kind: z.enum(findingKinds), severity: z.enum(severities) },
  ...{ rule: text, title: text, message: text },
  ...{ locations: z.array(place), aliases: z.array(text), weaknesses: z.array(text) },
});
const report = z.object({ findings: z.array(finding), problems: z.array(text) });
const verdict = z.discriminatedUnion("verdict", [
  z.object({ verdict: z.literal("pass"), summary: text, details: text.optional() }),
  z.object({ verdict: z.literal("fail"), summary: text, details: text }),
  z.object({ verdict: z.literal("insufficient"), summary: text, missing: text, details: text.optional() }),
]);

type Answer = Container | CheckAnswer | StepAnswer | ToolReport;

/**
 * Looks at what a team's check answers: types do not bind what is read from somewhere, and not JavaScript.
 * @throws FairwayError CHECK_ANSWER (exit 1)
 */
export function requireAnswer(name: string, answer: Answer): Answer {
  const given: unknown = answer;
  if (typeof given !== "object" || given === null) throw unknown(name, `it is ${spelled(given)}`);
  // The engine's own object, which has no JSON.
  if ("withExec" in given || "step" in given) return answer;
  if (!("findings" in given) && !("verdict" in given))
    throw unknown(name, `it has neither a verdict nor findings: ${spelled(given)}`);
  if ("findings" in given && "verdict" in given)
    throw unknown(name, "it has a verdict and findings, of which the policy makes the verdict");
  const read = ("findings" in given ? report : verdict).safeParse(given);
  if (read.success) return answer;
  const [issue] = read.error.issues;
  const path = (issue?.path ?? []).map(String).join(".");
  throw unknown(name, `${path}: ${issue?.message ?? "not what is expected"}`);
}

function unknown(name: string, why: string): Error {
  return failure(`the answer of the check ${name} is none that Fairway knows: ${why}`, {
    code: "CHECK_ANSWER",
    remedy:
      'Let it answer a container, a text, { verdict: "pass", summary }, { verdict: "fail", summary, details }, { verdict: "insufficient", summary, missing } or { findings, problems }.',
  });
}

function spelled(value: unknown): string {
  return inspect(value, { breakLength: Infinity }).slice(0, 200);
}
