import { z } from "zod";
import { findingKinds, severities, verifications } from "../../model/finding.ts";
import { ownName, type OwnProperties } from "../write/sarif.ts";

const text = z.string();
const number = z.int().min(1).optional();
const severity = z.enum(severities);

const own = z.object({
  fingerprints: z.tuple([text], text),
  kind: z.enum(findingKinds),
  title: text,
  aliases: z.array(text),
  weaknesses: z.array(text),
  // A place in an image has none in SARIF that code hosts would show.
  locations: z.array(
    z.object({
      path: text,
      image: text.optional(),
      ...{ line: number, column: number, endLine: number, endColumn: number },
      snippet: text.optional(),
    }),
  ),
  package: z
    .object({ ecosystem: text, name: text, versions: z.array(text), fixed: z.array(text) })
    .optional(),
  help: text.optional(),
  verification: z.enum(verifications).optional(),
  witnesses: z.array(z.object({ tool: text, version: text.optional(), rule: text, severity })).min(1),
});

/** Undefined for a result of another's, and for one that is not as Fairway writes it. */
export function ownProperties(
  properties: Readonly<Record<string, unknown>> | undefined,
): OwnProperties | undefined {
  const bag = properties?.[ownName];
  if (bag === undefined) return undefined;
  const read = own.safeParse(bag);
  return read.success ? (read.data as OwnProperties) : undefined;
}
