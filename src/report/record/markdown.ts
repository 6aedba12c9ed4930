import type { ChangeRecord } from "./change.ts";
import { code } from "../markdown.ts";
import { riskText } from "./risk.ts";
import { recordDigest } from "./statement.ts";
import {
  attemptNumber,
  checkText,
  commitRange,
  commitsByAuthor,
  headline,
  outcomeLine,
  shortHash,
  titleLine,
  utc,
  wayBackLine,
} from "./words.ts";

/** A change record for a comment in a pull request or a ticket. */
export function recordMarkdown(record: ChangeRecord): string {
  const { emergency, approvals, wayBack } = record;
  return [
    `## Change ${code(record.change)}`,
    ...facts([
      ["What", code(headline(record))],
      ["Outcome", code(outcomeLine(record))],
      [
        "Risk",
        [`**${record.risk.level}**`, ...record.risk.reasons.map((reason) => code(riskText(reason)))].join(
          " · ",
        ),
      ],
      ["By", `${code(record.actor)}, ${utc(record.startedAt)}`],
      ["Reason", record.reason === null ? "" : code(record.reason)],
      [
        "Emergency",
        emergency === null
          ? ""
          : `${code(emergency.ticket)} ${code(emergency.reason)}, passed by: ${emergency.passedBy.join(", ") || "no gate"}`,
      ],
      ["Commits", code(commitRange(record))],
      ["Plan", code(record.planHash)],
      [
        "Way back",
        [code(wayBackLine(record)), ...wayBack.impossible.map((what) => `impossible: ${code(what)}`)].join(
          ", ",
        ),
      ],
    ]),
    ...section(
      "Commits",
      ["author", "commit", "subject"],
      commitsByAuthor(record).flatMap(({ author, commits }) =>
        commits.map(({ commit, subject, coAuthors }) => [
          code(author + coAuthors),
          code(commit),
          code(subject),
        ]),
      ),
    ),
    ...section(
      "Images",
      ["service", "image"],
      record.plan.release.services.map(({ name, image }) => [code(name), code(image)]),
    ),
    ...section(
      "Built on stand-ins",
      ["image"],
      record.plan.standIns.map((what) => [code(what)]),
    ),
    ...section(
      "Gates, when it started",
      ["gate", "state", ""],
      record.gates.map(({ gate, state, says }) => [code(gate), code(state), code(says)]),
    ),
    ...section(
      "Approvals",
      ["who", "group", "recorded", "good until", "key", "event", "reason"],
      approvals.map((one) => [
        code(one.who),
        code(one.group ?? ""),
        utc(one.at),
        utc(one.expiresAt),
        code(one.fingerprint),
        String(one.sequence),
        code(one.reason ?? ""),
      ]),
    ),
    ...section(
      "Operations",
      ["", "operation", "state", "began", "ended", "observed"],
      record.operations.map((one) => [
        attemptNumber(one),
        code(titleLine(one.operation)),
        one.state,
        utc(one.startedAt),
        utc(one.endedAt),
        code(one.observed ?? ""),
      ]),
    ),
    ...section(
      "Said of what could not be seen",
      ["", "operation", "answer", "who", "when", "event"],
      (record.answers ?? []).map(({ index, operation, answer, who, at, sequence }) => [
        String(index + 1),
        code(titleLine(operation)),
        code(answer),
        code(who),
        utc(at),
        String(sequence),
      ]),
    ),
    ...section(
      "Validation",
      ["", "check", "observed"],
      record.validation.map((one) => [one.state, code(checkText(one, record)), code(one.observed ?? "")]),
    ),
    ...section(
      "Events that prove it",
      ["event", "type", "at", "hash"],
      record.events.map(({ sequence, type, at, hash }) => [
        String(sequence),
        code(type),
        utc(at),
        code(shortHash(hash)),
      ]),
    ),
    "",
    `Record ${code(recordDigest(record))}`,
  ].join("\n");
}

function facts(all: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const known = all.filter(([, value]) => value !== "");
  return ["", "| | |", "|---|---|", ...known.map(([name, value]) => `| ${name} | ${value} |`)];
}

function section(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [];
  return [
    "",
    `### ${title}`,
    "",
    `| ${heads.join(" | ")} |`,
    `|${heads.map(() => "---|").join("")}`,
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  ];
}
