import type { File } from "@dagger.io/dagger";
import { exitCodes, FairwayError, isFairwayError, usageError } from "../model/errors.ts";
import type { LedgerEvent } from "../model/ledger.ts";
import { verifyLedger, type Finding } from "../release/verify/verify.ts";
import {
  deriveRecord,
  proveRecord,
  readRecord,
  recordHtml,
  recordJson,
  recordMarkdown,
  recordText,
  type RecordStatement,
} from "../report/record/record.ts";
import { recordText as provenText, verifyJson, verifyText, type VerifiedLedger } from "../report/verify.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import type { Delivery } from "./delivery.ts";
import { environmentNames } from "./environments.ts";

export type RecordFormat = "text" | "json" | "markdown" | "html";

export interface VerifyOptions {
  /** A change record, as `record` with the format json wrote it. */
  readonly record?: File | undefined;
  /** `sha256:<64 hex>`: a hash that the ledger ended with earlier. */
  readonly head?: string;
}

/**
 * Writes down what a deployment was, from a ledger that holds.
 * @throws FairwayError DEPLOYMENT_UNKNOWN (exit 2), or what `verify` finds
 */
export async function record(delivery: Delivery, deployment: string, format: RecordFormat): Promise<string> {
  // `local-3` is a deployment of local: the ledgers of others may want secrets that nobody gave.
  const named = deployment.replace(/-\d+$/, "");
  const isEnvironment = (await environmentNames(delivery, "")).includes(named);
  for (const { proof, events } of await readLedgers(delivery, isEnvironment ? named : "", "")) {
    const own = events.find((event) => event.deployment === deployment);
    if (own === undefined) continue;
    requireNothingFound(proof.findings, delivery, own.environment);
    const made = deriveRecord(events, deployment, events[0]?.hash ?? "");
    if (made === null) continue;
    return { text: recordText, json: recordJson, markdown: recordMarkdown, html: recordHtml }[format](made);
  }
  throw usageError(`there is no deployment ${JSON.stringify(deployment)} in the ledger`, {
    code: "DEPLOYMENT_UNKNOWN",
    place: "--deployment",
    remedy: `${delivery.command} history`,
  });
}

/**
 * Proves ledgers unbroken and, with a record, that it says what they say.
 * @throws FairwayError LEDGER_BROKEN, PLAN_ALTERED, APPROVAL_ALTERED, VERDICT_ALTERED, RECORD_ALTERED (exit 1), VERDICT_UNCHECKED, RECORD_UNPROVEN (exit 3)
 */
export async function verify(
  delivery: Delivery,
  environment: string,
  { record: file, head = "" }: VerifyOptions,
  format: OutputFormat,
): Promise<string> {
  if (file !== undefined) return verifyRecord(delivery, environment, file, head, format);
  const ledgers = await readLedgers(delivery, environment, head);
  if (head !== "" && ledgers.length > 1) {
    throw usageError("the environments have ledgers of their own: say in which the head was", {
      code: "HEAD_AMBIGUOUS",
      place: "--head",
      remedy: `${delivery.command} verify --env <environment> --head ${head}`,
    });
  }
  requireNothingFound(
    ledgers.flatMap(({ proof }) => proof.findings),
    delivery,
    environment,
  );
  return answerOf(format, verifyText(ledgers, null), verifyJson(ledgers, null));
}

async function verifyRecord(
  delivery: Delivery,
  environment: string,
  file: File,
  head: string,
  format: OutputFormat,
): Promise<string> {
  const statement = requireRecord(await file.contents());
  const { change, environment: where } = statement.predicate;
  if (environment !== "" && environment !== where) {
    throw usageError(`the record is of ${where}, not of ${environment}`, {
      code: "RECORD_ELSEWHERE",
      place: "--env",
    });
  }
  const ledger = await ledgerOf(delivery, where, head);
  const ledgers = "unreachable" in ledger ? [] : [ledger];
  const ofLedger = ledgers.flatMap((one) => one.proof.findings);
  const proof = proveRecord(
    statement,
    "unreachable" in ledger ? ledger : ofLedger.length > 0 ? { unreachable: "it is broken" } : ledger.events,
  );
  requireNothingFound([...proof.findings, ...ofLedger], delivery, where);
  if (proof.unproven.length === 0)
    return answerOf(format, verifyText(ledgers, proof), verifyJson(ledgers, proof));
  throw new FairwayError(`the record of ${change} is not proven: it agrees with itself, and with no ledger`, {
    code: "RECORD_UNPROVEN",
    exitCode: exitCodes.held,
    place: "--record",
    output: provenText(proof),
    remedy: `Verify it where the ledger of ${where} is:\n${delivery.command} verify --env ${where} --record FILE`,
  });
}

/** @throws FairwayError RECORD_ALTERED (exit 1) */
function requireRecord(text: string): RecordStatement {
  const reading = readRecord(text);
  if (reading.ok) return reading.statement;
  throw new FairwayError(`this is no change record as it was written: ${reading.why}`, {
    code: "RECORD_ALTERED",
    exitCode: exitCodes.failed,
    place: "--record",
    remedy: "Write it again from the ledger: fairway record --deployment ID --format json",
  });
}

interface ReadLedger extends VerifiedLedger {
  readonly events: readonly LedgerEvent[];
}

/** Why there is none to look at is an answer, too: a record is also read where its ledger is not. */
async function ledgerOf(
  delivery: Delivery,
  environment: string,
  head: string,
): Promise<ReadLedger | { readonly unreachable: string }> {
  try {
    const [ledger] = await readLedgers(delivery, environment, head);
    return ledger ?? { unreachable: "there is none" };
  } catch (error) {
    if (!isFairwayError(error) || error.code === "LEDGER_BROKEN") throw error;
    return { unreachable: error.message };
  }
}

/** Environments that share a ledger are named together. */
async function readLedgers(
  delivery: Delivery,
  environment: string,
  head: string,
): Promise<readonly ReadLedger[]> {
  const found: ReadLedger[] = [];
  for (const name of await environmentNames(delivery, environment)) {
    const ledger = await delivery.ledger(name);
    const events = await ledger.read();
    const last = events.at(-1)?.hash;
    const same = found.findIndex((one) => one.kind === ledger.kind && one.events.at(-1)?.hash === last);
    const known = found[same];
    if (known === undefined) {
      found.push({ environments: [name], kind: ledger.kind, events, proof: verifyLedger(events, head) });
    } else {
      found[same] = { ...known, environments: [...known.environments, name] };
    }
  }
  return found;
}

type AnyFinding = Pick<Finding, "place" | "why"> & { readonly code: string };

function requireNothingFound(
  findings: readonly AnyFinding[],
  { command }: Delivery,
  environment: string,
): void {
  // A plan or an approval says more of what happened than the chain that broke with it.
  const isOfChain = ({ code }: AnyFinding) => code === "LEDGER_BROKEN";
  const isUnchecked = ({ code }: AnyFinding) => code === "VERDICT_UNCHECKED";
  const first =
    findings.find((one) => !isOfChain(one) && !isUnchecked(one)) ?? findings.find(isOfChain) ?? findings[0];
  if (first === undefined) return;
  const more = findings.length === 1 ? "" : ` (and ${String(findings.length - 1)} more)`;
  throw new FairwayError(`${first.place}: ${first.why}${more}`, {
    code: first.code,
    exitCode: isUnchecked(first) ? exitCodes.held : exitCodes.failed,
    place: first.place,
    output: findings.map(({ code, place, why }) => `${code}  ${place}: ${why}`).join("\n"),
    remedy:
      (isUnchecked(first)
        ? "Verify it with the version of Fairway that wrote it:\n"
        : "What is recorded was changed after it was written. Deploy nothing on its word; compare it with a copy, and then:\n") +
      `${command} verify${environment === "" ? "" : ` --env ${environment}`}`,
  });
}
