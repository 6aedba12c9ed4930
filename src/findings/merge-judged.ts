import { type Finding, type JudgedFinding, type ToolFinding, treatments } from "../model/finding.ts";
import { mergeFindings } from "./merge.ts";

/** The findings of several checks, each fault once: what one check lets pass and another blocks, blocks. */
export function mergeJudged(lists: readonly (readonly JudgedFinding[])[]): JudgedFinding[] {
  const [first = [], ...others] = lists.filter((list) => list.length > 0);
  if (others.length === 0) return [...first];
  const all = lists.flat();
  const gravest = new Map<string, JudgedFinding>();
  for (const finding of all)
    for (const name of finding.fingerprints) {
      const known = gravest.get(name);
      gravest.set(name, known === undefined ? finding : graver(known, finding));
    }
  return mergeFindings(all.flatMap(asSeen)).map((finding) => {
    const { treatment, because, deadline } = finding.fingerprints
      .flatMap((name) => gravest.get(name) ?? [])
      .reduce(graver);
    return {
      ...{ ...finding, treatment },
      ...(because === undefined ? {} : { because }),
      ...(deadline === undefined ? {} : { deadline }),
    };
  });
}

function graver(one: JudgedFinding, other: JudgedFinding): JudgedFinding {
  const graver = treatments.indexOf(other.treatment) - treatments.indexOf(one.treatment);
  if (graver !== 0) return graver < 0 ? other : one;
  return (other.deadline?.until ?? "~") < (one.deadline?.until ?? "~") ? other : one;
}

/** One for each tool that saw it. */
function asSeen({ witnesses, ...finding }: Finding): ToolFinding[] {
  return witnesses.map(({ tool, version, rule, severity }) => ({
    ...finding,
    ...{ tool, rule, severity },
    ...(version === undefined ? {} : { toolVersion: version }),
  }));
}
