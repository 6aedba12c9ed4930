/** `node scripts/api-coverage/page.ts` writes docs/dagger-api.md; with `--check` it says whether that is as it would be written. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isObjectType, type GraphQLObjectType } from "graphql";
import { notHere } from "../../src/engine/schema/not-here.ts";
import { engineSchema, nodeTypes } from "../../src/engine/schema/schema.ts";

const first = ["Query", "Container", "Directory", "File", "Secret", "Service", "Host", "CacheVolume"];

export function writePage(root: string): void {
  writeFileSync(pathOf(root), pageOf(root));
}

function pathOf(root: string): string {
  return join(root, "docs/dagger-api.md");
}

function pageOf(root: string): string {
  const proofs = JSON.parse(readFileSync(join(root, "test/conformance/fields.json"), "utf8")) as Record<
    string,
    string
  >;
  const types = Object.values(engineSchema().getTypeMap())
    .filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith("__"))
    .sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
  const sections = types.map((type) => section(type, proofs));
  const fields = types
    .flatMap((type) => Object.keys(type.getFields()))
    .filter((name) => name !== "id" && !isLoader(name));
  const refused = types.flatMap((type) => Object.keys(notHere[type.name] ?? {}));
  return `# The API of the embedded engine

Written by \`npm run api-coverage\` from the engine's schema; \`npm run check\` refuses it when it is not up to date.

Dagger 0.21.8's API, type by type: **${String(fields.length)} fields are here**, each with the conformance case that answers as
the real engine did, or else with the engine's own test; **${String(refused.length)} are refused by name** with the words "the
embedded engine does not support it; the real Dagger engine does". Types that are not on this page are refused too; each
object has an \`id\` besides.
How the cases were recorded and how to run them: [test/conformance](../test/conformance/README.md).

${sections.join("\n\n")}
`;
}

function place({ name }: GraphQLObjectType): number {
  const index = first.indexOf(name);
  return index === -1 ? first.length : index;
}

function section(type: GraphQLObjectType, proofs: Readonly<Record<string, string>>): string {
  const here = Object.values(type.getFields())
    // Every object has an id, by which the client hands it over: there is no case without.
    .filter(({ name }) => !isLoader(name) && name !== "id")
    .map((field) => {
      const proof = proofs[`${type.name}.${field.name}`];
      const without = Object.entries(notHere[`${type.name}.${field.name}`] ?? {});
      const limits = without.map(([name, reason]) => `; without \`${name}\`: ${reason}`);
      if (proof === undefined)
        throw new Error(
          `no case and no test asks for ${type.name}.${field.name}: write one, then npm run api-coverage`,
        );
      return [field.name, `here${limits.join("")}`, shown(proof)] as const;
    });
  const refused = Object.entries(notHere[type.name] ?? {}).map(
    ([name, reason]) =>
      [name, `refused: ${reason}`, "[schema.test.ts](../test/engine/schema.test.ts)"] as const,
  );
  const rows = [...here, ...refused].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = rows.map(([name, state, proof]) => `| \`${name}\` | ${state} | ${proof} |`);
  const loaders = type.name === "Query" ? `\n\n\`load...FromID\` is here for ${nodeTypes.join(", ")}.` : "";
  return `## ${type.name}\n\n| Field | | Shown by |\n|---|---|---|\n${lines.join("\n")}${loaders}`;
}

function isLoader(name: string): boolean {
  return /^load\w+FromID$/.test(name);
}

function shown(proof: string): string {
  if (!proof.startsWith("test/")) return proof.replaceAll("|", "\\\\|");
  return `[${proof.split("/").at(-1) ?? proof}](../${proof})`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  if (!process.argv.includes("--check")) writePage(root);
  else if (!existsSync(pathOf(root)) || readFileSync(pathOf(root), "utf8") !== pageOf(root)) {
    process.stderr.write("docs/dagger-api.md is not what the schema says: npm run api-coverage\n");
    process.exitCode = 1;
  }
}
