import { z } from "zod";
import type { Location, ToolReport, Verification } from "../../model/finding.ts";
import { longest } from "../limits.ts";
import { bounded, firstLine } from "../text.ts";
import { parseLines } from "./json.ts";
import { position, repositoryPath } from "./place.ts";

const place = z.object({
  file: z.string().nullish(),
  line: z.number().nullish(),
  commit: z.string().nullish(),
});
const result = z.object({
  DetectorName: z.string(),
  DetectorDescription: z.string().nullish(),
  Verified: z.boolean(),
  VerificationError: z.string().nullish(),
  SourceMetadata: z.object({ Data: z.record(z.string(), z.unknown()) }).nullish(),
});
/** TruffleHog's own log may stand between its results. */
const logged = z.object({ level: z.string(), msg: z.string(), error: z.unknown().optional() });

/**
 * `trufflehog filesystem|git --json`: one result a line, none where nothing was found. Of those whose issuer could not be asked
 * nobody knows whether they work, which is not the same as that they do not. The secret itself is not read.
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1)
 */
export function readTrufflehog(text: string): ToolReport {
  const lines = parseLines(text, z.union([result, logged]), "trufflehog");
  const findings = lines.flatMap((line) => {
    if (!("DetectorName" in line)) return [];
    const title = firstLine(`${line.DetectorName} credential`);
    const verification = verificationOf(line);
    return [
      {
        ...({
          kind: "secret",
          tool: "trufflehog",
          rule: bounded(line.DetectorName, longest.name),
          title,
        } as const),
        severity: verification === "verified" ? ("critical" as const) : ("high" as const),
        message: bounded(
          [title, line.DetectorDescription ?? ""].filter((part) => part !== "").join(": "),
          longest.message,
        ),
        locations: locationsOf(line.SourceMetadata?.Data ?? {}),
        ...{ aliases: [], weaknesses: [], verification },
      },
    ];
  });
  const problems = lines.flatMap((line) =>
    "level" in line && /^(error|fatal|panic)$/i.test(line.level) ? [firstLine(line.msg)] : [],
  );
  return { findings, problems };
}

function verificationOf({ Verified, VerificationError }: z.infer<typeof result>): Verification {
  if (Verified) return "verified";
  return VerificationError ? "unknown" : "unverified";
}

/** Under the kind of its source: `{ Filesystem: { file, line } }`, `{ Git: { file, line, commit } }`. */
function locationsOf(data: Readonly<Record<string, unknown>>): Location[] {
  return Object.values(data).flatMap((value) => {
    const read = place.safeParse(value);
    if (!read.success || !read.data.file) return [];
    const line = position(read.data.line);
    return [
      {
        path: bounded(repositoryPath(read.data.file), longest.snippet),
        ...(line === undefined ? {} : { line }),
      },
    ];
  });
}
