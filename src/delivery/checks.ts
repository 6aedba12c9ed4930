import { hasDeadlines } from "../findings/findings.ts";
import type { Evidence } from "../model/evidence.ts";
import { hostCapabilities } from "../model/host.ts";
import type { TestsOfRun } from "../model/test-run.ts";
import { requireEvidence } from "../release/gates/gates.ts";
import { checkReport, type CheckFormat } from "../report/checks/checks.ts";
import { table } from "../report/text.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { changeIn, type CheckScope } from "./change.ts";
import { checkEvidence } from "./check-evidence.ts";
import type { Delivery } from "./delivery.ts";
import { foreseenEvidence, publishedImages } from "./images.ts";
import { checkedMigrations } from "./migrations.ts";
import { besides, requireWhole } from "./whole.ts";

/** Answers its report in any case: where it fails or is held, the error carries it. */
export async function check(
  delivery: Delivery,
  only: readonly string[],
  scope: CheckScope,
  format: CheckFormat,
): Promise<string> {
  const { command } = delivery;
  await requireWhole(delivery, only);
  const change = await changeIn(delivery, scope);
  const isWhole = only.length === 0;
  const foreseen = isWhole ? await foreseenEvidence(delivery) : [];
  const unlisted = besides(await delivery.config(), delivery.definition.checks);
  const listed = only.filter((name) => !unlisted.includes(name));
  const isReviewed = isWhole || listed.length < only.length;
  const migrations = isReviewed ? await checkedMigrations(delivery) : { evidence: [], ofSourceAlone: true };
  const checks = isWhole || listed.length > 0 ? await checkEvidence(delivery, listed, null, change) : [];
  const evidence = [...foreseen, ...migrations.evidence, ...checks];
  const answer = checkReport(format, { evidence, command });
  const names = only.flatMap((name) => ["--only", name]);
  const again = [change?.command ?? `${command} check`, ...names].join(" ");
  requireEvidence(evidence, { subject: "the check", again, answer });
  if (migrations.ofSourceAlone && (await isOfSourceAlone(delivery, evidence)))
    hostCapabilities()?.ofSourceAlone?.();
  return answer;
}

/** Nothing remembered was asked, and nothing changes within the day: whoever has the same files has the same answer. */
async function isOfSourceAlone(
  delivery: Pick<Delivery, "config">,
  evidence: readonly Evidence[],
): Promise<boolean> {
  if (hasDeadlines((await delivery.config()).findings)) return false;
  return evidence.every(
    ({ verdict, tests }) => verdict === "pass" && (tests === undefined || isUnremarkable(tests)),
  );
}

/** What is flaky or in quarantine changes with every run, and with the days. */
function isUnremarkable({ failed, flaky, known }: TestsOfRun): boolean {
  return failed.length + flaky.length + known.length === 0;
}

export async function images(delivery: Delivery, format: OutputFormat): Promise<string> {
  await requireWhole(delivery);
  const waiting = { subject: "publishing", again: `${delivery.command} images` };
  requireEvidence(await foreseenEvidence(delivery), waiting);
  const published = await publishedImages(delivery, null);
  requireEvidence(published.evidence, waiting);
  const references = published.images.map(({ service, reference }) => [service, reference] as const);
  return answerOf(format, table(references.map((row) => [...row])), Object.fromEntries(references));
}
