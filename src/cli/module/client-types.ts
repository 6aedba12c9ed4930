import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * The scanner tells the engine's types from a module's own by a file NAMED client.gen.ts. Inside the engine that is
 * the generated client; here it is a list of the client's classes, enums and scalars, made from its declarations.
 */
export async function writeClientTypes(sdk: string, directory: string): Promise<string> {
  const declarations = await readFile(join(sdk, "dist/src/api/client.gen.d.ts"), "utf8");
  const file = join(directory, "client.gen.ts");
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${String(process.pid)}`;
  await writeFile(draft, clientTypes(declarations));
  await rename(draft, file);
  return file;
}

/** Names of the engine's types: a module's own type must not have one of these. */
export function coreTypeNames(clientTypesText: string): ReadonlySet<string> {
  return new Set(
    [...clientTypesText.matchAll(/^export (?:declare )?(?:class|enum|type) (\w+)/gm)].map((m) => m[1] ?? ""),
  );
}

function clientTypes(declarations: string): string {
  const classes = [...declarations.matchAll(/^export declare class (\w+)/gm)].map((match) => match[1] ?? "");
  const enums = [...declarations.matchAll(/^export declare enum \w+ \{[^}]*\}/gm)].map((match) => match[0]);
  const scalars = [...declarations.matchAll(/^export type (\w+) = string & \{/gm)].map(
    (match) => match[1] ?? "",
  );
  return [
    ...classes.map((name) => `export declare class ${name} {}`),
    ...enums,
    ...scalars.map((name) => `export type ${name} = string & { __${name}: never };`),
    "",
  ].join("\n");
}
