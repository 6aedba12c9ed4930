import type { ToolFinding } from "../../../model/finding.ts";
import type { Scanner, ScanOptions } from "../scanner.ts";
import { type Dependency, listed } from "./listing.ts";
import { refusalOf, type Terms } from "./terms.ts";

/** The licences of all dependencies, as the package manager lists them, against those that the team may use. */
export const licenses: Scanner<ScanOptions<"licenses">> = {
  finds: "dependencies under licences that the team may not use",
  image: ({ images, manager }) => images[manager.image],
  scan: async (context, terms) => {
    const { lockfile } = context.project.toolchain;
    const dependencies = await listed(context);
    return { findings: dependencies.flatMap((one) => findingOf(one, terms, lockfile)), problems: [] };
  },
};

function findingOf(dependency: Dependency, terms: Terms, lockfile: string): ToolFinding[] {
  const { ecosystem, name, versions, license } = dependency;
  const refusal = refusalOf(license, terms);
  if (refusal === undefined) return [];
  return [
    {
      ...{ kind: "license", severity: "high", tool: "licenses", rule: license ?? "unknown" },
      title: `${name}: ${refusal}`,
      message: `${name} ${versions.join(", ")}: ${refusal}`,
      locations: [{ path: lockfile }],
      package: { ecosystem, name, versions, fixed: [] },
      ...{ aliases: [], weaknesses: [] },
    },
  ];
}
