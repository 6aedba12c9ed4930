import { canonicalJson, hashOf, type Json } from "../../model/canonical-json.ts";
import { changeRecordType } from "../../model/change-record.ts";
import type { ChangeRecord } from "./change.ts";

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const statementType = "https://in-toto.io/Statement/v1";

/** For people who find one. */
const format = "fairway change record, version 1";

export interface RecordStatement {
  readonly _type: typeof statementType;
  readonly subject: readonly Subject[];
  readonly predicateType: typeof changeRecordType;
  readonly predicate: ChangeRecord & {
    readonly format: typeof format;
    /** `sha256:<64 hex>` of the canonical JSON of the whole statement without this field. */
    readonly digest: string;
  };
}

interface Subject {
  readonly name: string;
  readonly digest: Readonly<Record<string, string>>;
}

/** The record as an in-toto Statement v1 about the images that were released, and the commit that they are from. */
export function recordStatement(record: ChangeRecord): RecordStatement {
  const statement = {
    _type: statementType,
    subject: subjectsOf(record),
    predicateType: changeRecordType,
    predicate: { format, ...record },
  } as const;
  const digest = hashOf(statement as unknown as Json);
  return { ...statement, predicate: { ...statement.predicate, digest } };
}

/** The record's one spelling (RFC 8785). */
export function recordJson(record: ChangeRecord): string {
  return canonicalJson(recordStatement(record) as unknown as Json);
}

export function recordDigest(record: ChangeRecord): string {
  return recordStatement(record).predicate.digest;
}

function subjectsOf({ plan: { release } }: ChangeRecord): readonly Subject[] {
  const images = release.services.flatMap(({ image }): Subject[] => {
    const [, name, hex] = /^(.+)@sha256:([0-9a-f]{64})$/.exec(image) ?? [];
    return name === undefined || hex === undefined ? [] : [{ name, digest: { sha256: hex } }];
  });
  const unique = [
    ...new Map(images.map((subject) => [canonicalJson(subject as unknown as Json), subject])).values(),
  ];
  // A working tree that differs from its commit is in no commit.
  if (release.version.includes("-dirty.")) return unique;
  return [...unique, { name: "commit", digest: { gitCommit: release.commit } }];
}
