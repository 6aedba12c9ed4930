import { defineCheck, type CheckAnswer } from "@fairway/sdk";

/** The part of what `npm query` says of a package that is read here. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  /** Empty for the shop itself. */
  readonly location: string;
}

/** No package whose licence the company does not accept, and none whose licence nobody knows. */
export const licenses = defineCheck("licenses", async ({ dag, source }) => {
  const listed = await dag
    .container()
    .from("node:24-slim")
    .withWorkdir("/shop")
    .withDirectory("/shop", source, { include: ["package.json", "package-lock.json"] })
    .withExec(["npm", "query", "*", "--package-lock-only"])
    .stdout();
  return judge(JSON.parse(listed) as Package[], ["AGPL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later"]);
});

function judge(packages: readonly Package[], refused: readonly string[]): CheckAnswer {
  const others = packages.filter(({ location }) => location !== "");
  const named = (some: readonly Package[]) =>
    some.map(({ name, version }) => `${name}@${version}`).join(", ");
  const bad = others.filter(({ license }) => license !== undefined && refused.includes(license));
  if (bad.length > 0) {
    const details = bad.map(({ name, license }) => `${name}: ${license ?? ""}`).join("\n");
    return { verdict: "fail", summary: `a licence that is refused: ${named(bad)}`, details };
  }
  const unknown = others.filter(({ license }) => license === undefined);
  if (unknown.length > 0)
    return {
      verdict: "insufficient",
      summary: "not every licence is known",
      missing: `the licence of ${named(unknown)}`,
    };
  return {
    verdict: "pass",
    summary: `packages with an accepted licence: ${String(others.length)}`,
  };
}
