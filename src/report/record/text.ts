import { indent } from "../text.ts";
import { fitting, wrapped } from "../wrap.ts";
import type { ChangeRecord } from "./change.ts";
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
  visible,
  wayBackLine,
} from "./words.ts";

/** What a terminal shows in one line, less the margin. */
const width = 97;

/** A change record for a terminal. */
export function recordText(record: ChangeRecord): string {
  const facts: readonly (readonly [string, string])[] = [
    ["what", headline(record)],
    ["outcome", outcomeLine(record)],
    ["risk", record.risk.level],
    ["by", visible(record.actor)],
    ["started", utc(record.startedAt)],
    ...(record.reason === null ? [] : ([["reason", visible(record.reason)]] as const)),
    ["pipeline", visible(record.pipeline)],
    ["commits", commitRange(record)],
    ["plan", record.planHash],
  ];
  return [
    `change ${visible(record.change)}`,
    ...rows(facts).map(indent),
    ...section(
      "risk",
      record.risk.reasons.map((reason) => `${reason.level}: ${visible(riskText(reason))}`),
    ),
    ...section("emergency", emergencyLines(record)),
    ...section(
      "commits",
      commitsByAuthor(record).flatMap(({ author, commits }) => [
        author,
        ...commits.map(({ commit, subject, coAuthors }) => `  ${commit}  ${subject}${coAuthors}`),
      ]),
    ),
    ...section("images", rows(record.plan.release.services.map(({ name, image }) => [name, image]))),
    ...section("built on stand-ins", record.plan.standIns.map(visible)),
    ...section(
      "gates, when it started",
      rows(record.gates.map(({ gate, state, says }) => [gate, state, visible(says)])),
    ),
    ...section("approvals", approvalLines(record)),
    ...section("operations", operationLines(record)),
    ...section(
      "said of what could not be seen",
      rows(
        (record.answers ?? []).map(({ index, operation, answer, who, at }) => [
          ...[String(index + 1), answer, utc(at), titleLine(operation), visible(who)],
        ]),
      ),
    ),
    ...section(
      "validation",
      rows(record.validation.map((one) => [one.state, checkText(one, record), visible(one.observed ?? "")])),
    ),
    ...section("way back", [
      wayBackLine(record),
      ...record.wayBack.planned.map((operation, index) => `${String(index + 1)}. ${titleLine(operation)}`),
      ...record.wayBack.impossible.map((what) => `impossible: ${visible(what)}`),
    ]),
    ...section(
      "events",
      rows(
        // In full they are in the record that machines read.
        record.events.map(({ sequence, type, at, hash }) => [
          String(sequence),
          utc(at),
          visible(type),
          shortHash(hash),
        ]),
      ),
    ),
    "",
    `record ${recordDigest(record)}`,
  ].join("\n");
}

function approvalLines({ approvals }: ChangeRecord): readonly string[] {
  return approvals.flatMap(({ who, group, at, expiresAt, fingerprint, reason, sequence }) => [
    `${visible(who)}${group === null ? "" : ` (${visible(group)})`}, ${utc(at)}, good until ${utc(expiresAt)}`,
    `  key ${visible(fingerprint)}, signature in event ${String(sequence)}`,
    ...(reason === null ? [] : [`  "${visible(reason)}"`]),
  ]);
}

function emergencyLines({ emergency }: ChangeRecord): readonly string[] {
  if (emergency === null) return [];
  const { reason, ticket, passedBy } = emergency;
  return [
    `${visible(ticket)}: ${visible(reason)}`,
    `passed by: ${passedBy.length === 0 ? "no gate" : passedBy.join(", ")}`,
  ];
}

function operationLines({ operations }: ChangeRecord): readonly string[] {
  return rows(
    operations.map((one) => [
      attemptNumber(one),
      one.state,
      `${utc(one.startedAt).slice(11, 19)} to ${one.endedAt === null ? "?" : utc(one.endedAt).slice(11, 19)}`,
      titleLine(one.operation),
      visible(one.observed ?? ""),
    ]),
  );
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.flatMap((line) => wrapped(line, width)).map(indent)];
}

function rows(cells: readonly (readonly string[])[]): readonly string[] {
  return fitting(cells, width);
}
