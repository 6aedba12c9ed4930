import type { Directory } from "@dagger.io/dagger";
import type { Finding, Location } from "../../../model/finding.ts";
import type { Progress } from "../../../model/progress.ts";
import type { Project } from "../../project.ts";
import type { Check } from "../check.ts";
import { mergedBySource, textOf } from "./findings.ts";

/** What a change was made from. */
export interface Base {
  /** `origin/main` */
  readonly name: string;
  /** Its source, with the config of the change: the same scanners look at both. */
  readonly project: () => Promise<Project>;
}

/** What the base has, too. */
export interface OldFindings {
  /** Their fingerprints. */
  readonly names: ReadonlySet<string>;
  /** Why nothing is known of the base, where that is so. */
  readonly why?: string;
}

/** Runs a check that found something on the base as well, whose steps the cache knows where somebody ran them. */
export function oldFindings(
  check: Check,
  { name, project: projectOf }: Base,
  progress: Progress,
  signal?: AbortSignal,
): (found: readonly Finding[], source: Directory) => Promise<OldFindings> {
  return (found, source) =>
    progress.task(`${check.name} on ${name}`, async (task) => {
      const unknown = (why: string) => {
        task.outcome("held", why);
        return { names: new Set<string>(), why: `${name} could not be looked at: ${why}` };
      };
      try {
        const project = await projectOf();
        const { client: dag, source: before } = project;
        const answer = await check.run({ dag, source: before, project, progress: task });
        if (!("findings" in answer)) return unknown("the check answers no findings there");
        const old = await mergedBySource(answer.findings, before);
        const changed = await changedSecrets({ found, source }, { found: old, source: before });
        const names = old.flatMap(({ fingerprints }) => fingerprints);
        return { names: new Set(names.filter((one) => !changed.has(one))) };
      } catch (error) {
        signal?.throwIfAborted();
        return unknown(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
      }
    });
}

interface Seen {
  readonly found: readonly Finding[];
  readonly source: Directory;
}

/** A secret is known by its place alone, never by its text: another one in the same place is not the old one. */
async function changedSecrets(now: Seen, before: Seen): Promise<ReadonlySet<string>> {
  const [here, there] = await Promise.all([secretLines(now), secretLines(before)]);
  return new Set(
    [...here].filter(([name, line]) => line === null || there.get(name) !== line).map(([name]) => name),
  );
}

/** By fingerprint, for the length of the comparison; null where nobody can read it. */
async function secretLines({ found, source }: Seen): Promise<ReadonlyMap<string, string | null>> {
  const secrets = found.filter(({ kind }) => kind === "secret");
  const lines = await Promise.all(
    secrets.map(async ({ fingerprints, locations: [place] }) => {
      const text = place === undefined ? undefined : await textOf(source, place.path);
      const line = text === undefined || place === undefined ? null : linesOf(text, place);
      return fingerprints.map((name) => [name, line] as const);
    }),
  );
  return new Map(lines.flat());
}

/** All of a key that is a block of lines, of which tools name the first. */
function linesOf(text: string, { line, endLine }: Location): string | null {
  const lines = text.split("\n");
  const first = line === undefined ? undefined : lines[line - 1];
  if (line === undefined || first === undefined) return null;
  if (!first.includes("-----BEGIN "))
    return lines.slice(line - 1, Math.max(line, endLine ?? line)).join("\n");
  const end = lines.findIndex((one, at) => at >= line - 1 && one.includes("-----END "));
  return lines.slice(line - 1, end < 0 ? undefined : end + 1).join("\n");
}
