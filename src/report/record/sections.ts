import type { ChangeRecord } from "./change.ts";
import { list, markup, table, type Markup } from "../markup.ts";
import { rolloutPictures } from "./rollout/rollout.ts";
import { attemptNumber, checkText, commitsByAuthor, titleLine, utc, visible, wayBackLine } from "./words.ts";

/** The page's tables, in the order of the story. What there is none of is left out. */
export function sections(record: ChangeRecord): readonly Markup[] {
  const all: readonly (readonly [title: string, content: Markup | null])[] = [
    ["Commits", commits(record)],
    ["Plan", plan(record)],
    ["Rollout", rolloutPictures(record.events)],
    ["Gates, when it started", gates(record)],
    ["Approvals", approvals(record)],
    ["Operations", operations(record)],
    ["Said of what could not be seen", answers(record)],
    ["Validation", validation(record)],
    ["Way back", wayBack(record)],
    ["Events that prove it", events(record)],
  ];
  return all.flatMap(([title, content]) =>
    content === null ? [] : [markup`<section><h2>${title}</h2>\n${content}\n</section>\n`],
  );
}

function commits(record: ChangeRecord): Markup | null {
  const rows = commitsByAuthor(record).flatMap(({ author, commits: theirs }) =>
    theirs.map(({ commit, subject, coAuthors }) => [text(author + coAuthors), mono(commit), text(subject)]),
  );
  return rows.length === 0 ? null : table(["author", "commit", "subject"], rows);
}

function plan({ plan: { release, operations: planned } }: ChangeRecord): Markup {
  const images = release.services.map(({ name, image }) => [text(name), mono(image)]);
  const steps = planned.map((operation) => markup`${titleLine(operation)}`);
  return markup`${images.length === 0 ? "" : table(["service", "image"], images)}${list(steps, "ol")}`;
}

function gates({ gates: judged }: ChangeRecord): Markup | null {
  if (judged.length === 0) return null;
  return table(
    ["gate", "state", ""],
    judged.map(({ gate, state, says }) => [text(gate), tone(state), text(says)]),
  );
}

function approvals({ approvals: counted }: ChangeRecord): Markup | null {
  if (counted.length === 0) return null;
  const rows = counted.map(({ who, group, at, expiresAt, fingerprint, sequence, reason }) => [
    text(who),
    text(group ?? ""),
    time(at),
    time(expiresAt),
    mono(fingerprint),
    text(String(sequence)),
    text(reason ?? ""),
  ]);
  const heads = ["who", "group", "recorded", "good until", "key", "event", "reason"];
  const signatures = counted.map(({ who, statement, signature }) => {
    const signed = statement === null ? "The ledger does not hold what was signed." : statement;
    return markup`<p>${visible(who)} signed:</p>\n<pre>${signed}\n${signature ?? ""}</pre>\n`;
  });
  return markup`${table(heads, rows)}\n${signatures}`;
}

function operations({ operations: attempts }: ChangeRecord): Markup | null {
  if (attempts.length === 0) return null;
  return table(
    ["", "operation", "state", "began", "ended", "observed"],
    attempts.map((one) => [
      text(attemptNumber(one)),
      text(titleLine(one.operation)),
      tone(one.state),
      time(one.startedAt),
      time(one.endedAt),
      text(one.observed ?? ""),
    ]),
  );
}

function answers({ answers: said = [] }: ChangeRecord): Markup | null {
  if (said.length === 0) return null;
  return table(
    ["", "operation", "answer", "who", "when", "event"],
    said.map(({ index, operation, answer, who, at, sequence }) => [
      text(String(index + 1)),
      text(titleLine(operation)),
      text(answer),
      text(who),
      time(at),
      text(String(sequence)),
    ]),
  );
}

function validation(record: ChangeRecord): Markup | null {
  if (record.validation.length === 0) return null;
  return table(
    ["", "check", "observed"],
    record.validation.map((one) => [tone(one.state), text(checkText(one, record)), text(one.observed ?? "")]),
  );
}

function wayBack(record: ChangeRecord): Markup {
  const { planned, impossible } = record.wayBack;
  const steps = planned.map((operation) => markup`${titleLine(operation)}`);
  const not = impossible.map((what) => markup`<p class="note">${visible(`Impossible: ${what}`)}</p>`);
  return markup`<p>${wayBackLine(record)}</p>${steps.length === 0 ? "" : list(steps, "ol")}${not}`;
}

function events({ events: all }: ChangeRecord): Markup {
  return table(
    ["event", "type", "at", "by", "hash"],
    all.map(({ sequence, type, at, actor, hash }) => [
      text(String(sequence)),
      text(type),
      time(at),
      text(actor),
      mono(hash),
    ]),
  );
}

function text(value: string): Markup {
  return markup`<td>${visible(value)}</td>`;
}

function mono(value: string): Markup {
  return markup`<td><code>${visible(value)}</code></td>`;
}

function time(at: string | null): Markup {
  return markup`<td class="time">${utc(at)}</td>`;
}

const tones: Readonly<Record<string, string>> = {
  open: "good",
  done: "good",
  passed: "good",
  skipped: "warn",
  "not reached": "warn",
  "cut off": "warn",
  "in review": "warn",
};

function tone(state: string): Markup {
  return markup`<td class="state ${tones[state] ?? "bad"}">${visible(state)}</td>`;
}
