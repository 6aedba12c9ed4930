import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "../../../model/canonical-json.ts";
import type { LedgerEvent } from "../../../model/ledger.ts";

/** A commit as git keeps it, without its header of type and size. */
export interface Commit {
  /** SHA-1 of the content: the name by which git knows it. */
  readonly oid: string;
  readonly content: string;
}

/** The tree without files, which every git knows. */
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** An event as a commit: for people on the first line, for programs in the third. */
export function eventCommit(event: LedgerEvent, parent: string | null, appendId: string): Commit {
  const title = `${event.environment}: ${event.type} by ${event.actor} (${String(event.sequence)})`;
  // Two handles that append the same at the same moment must not make the same commit: one of them would be lost.
  const message = `${oneLine(title)}\n\n${canonicalJson(event as unknown as Json)}\n\nAppend-Id: ${appendId}\n`;
  return commit(message, parent, event.actor, event.at);
}

/** Until when a lease lives that was renewed: nothing that has to be kept, so it has no parent unless it must. */
export interface LeaseEnd {
  readonly fencingToken: number;
  /** RFC 3339, by the remote's clock. */
  readonly expiresAt: string;
}

export function leaseCommit(
  environment: string,
  holder: string,
  end: LeaseEnd,
  parent: string | null,
): Commit {
  const title = oneLine(`${environment}: ${holder} holds the lease until ${end.expiresAt}`);
  const json = canonicalJson({ fencingToken: end.fencingToken, expiresAt: end.expiresAt });
  return commit(`${title}\n\n${json}\n`, parent, holder, end.expiresAt);
}

/** The event that a commit holds; null when it holds none. */
export function eventIn(content: string): LedgerEvent | null {
  const value = jsonIn(content) as Partial<LedgerEvent> | null;
  const words = [value?.at, value?.environment, value?.type, value?.actor, value?.previousHash, value?.hash];
  if (value === null || words.some((word) => typeof word !== "string")) return null;
  if (!Number.isSafeInteger(value.sequence) || value.payload === undefined) return null;
  return { ...(value as LedgerEvent), deployment: value.deployment ?? null };
}

export function leaseEndIn(content: string): LeaseEnd | null {
  const value = jsonIn(content) as Partial<LeaseEnd> | null;
  if (typeof value?.expiresAt !== "string" || typeof value.fencingToken !== "number") return null;
  return { fencingToken: value.fencingToken, expiresAt: value.expiresAt };
}

export function parentsOf(content: string): string[] {
  const headers = content.slice(0, content.indexOf("\n\n"));
  return headers.split("\n").flatMap((line) => (line.startsWith("parent ") ? [line.slice(7)] : []));
}

export function commitOf(content: string): Commit {
  const bytes = Buffer.from(content);
  const oid = createHash("sha1")
    .update(`commit ${String(bytes.length)}\0`)
    .update(bytes)
    .digest("hex");
  return { oid, content };
}

function commit(message: string, parent: string | null, author: string, at: string): Commit {
  const seconds = Math.floor(Date.parse(at) / 1000);
  const name = author.replaceAll(/[\p{Cc}<>]/gu, " ").trim() || "fairway";
  return commitOf(
    [
      `tree ${emptyTree}`,
      ...(parent === null ? [] : [`parent ${parent}`]),
      `author ${name} <ledger@fairway.invalid> ${String(seconds)} +0000`,
      `committer Fairway <ledger@fairway.invalid> ${String(seconds)} +0000`,
      "",
      message,
    ].join("\n"),
  );
}

function jsonIn(content: string): unknown {
  const line = content.slice(content.indexOf("\n\n") + 2).split("\n")[2] ?? "";
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}
