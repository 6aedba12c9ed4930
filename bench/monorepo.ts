import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What the generated packages are checked by; each is a script of the root and a task of turbo. */
export const tasks = ["lint", "typecheck", "test"] as const;

const filesOfPackage = 10;

/**
 * Writes a pnpm and Turborepo monorepo of many small packages, each of which depends on two before it. Its tasks read the
 * package's sources with Node, so that what is measured is the runner and not a compiler.
 */
export async function writeMonorepo(directory: string, packages: number): Promise<void> {
  const files: Record<string, string> = {
    "package.json": json({
      ...{ name: "monorepo", private: true, packageManager: "pnpm@10.34.9" },
      scripts: Object.fromEntries(tasks.map((task) => [task, `turbo run ${task}`])),
      devDependencies: { turbo: "2.11.11" },
    }),
    "pnpm-workspace.yaml": "packages: [packages/*]\n",
    "turbo.json": json({
      tasks: Object.fromEntries(tasks.map((task) => [task, { dependsOn: [`^${task}`] }])),
    }),
    ".gitignore": "node_modules\n.turbo\n.fairway\n",
    "fairway.yaml": `name: monorepo\nchecks: [${tasks.join(", ")}]\n`,
    "tools/task.mjs": task,
  };
  for (let number = 0; number < packages; number += 1)
    for (const [path, text] of Object.entries(packageFiles(number)))
      files[join("packages", nameOf(number), path)] = text;
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

/** The source file of a package that an edit is made in. */
export function sourceOf(number: number): string {
  return join("packages", nameOf(number), "src/file-0.ts");
}

function packageFiles(number: number): Record<string, string> {
  const before = [number - 1, number - 7].filter((other) => other >= 0).map(nameOf);
  return {
    "package.json": json({
      ...{ name: nameOf(number), version: "1.0.0", private: true, type: "module" },
      scripts: Object.fromEntries(tasks.map((name) => [name, `node ../../tools/task.mjs ${name}`])),
      dependencies: Object.fromEntries(before.map((name) => [name, "workspace:*"])),
    }),
    ...Object.fromEntries(
      Array.from({ length: filesOfPackage }, (_, at) => [`src/file-${String(at)}.ts`, source(number, at)]),
    ),
  };
}

function source(number: number, at: number): string {
  const lines = Array.from(
    { length: 40 },
    (_, line) =>
      `export const value${String(line)} = "${nameOf(number)} ${String(at)} ${String(line)}".length;`,
  );
  return `${lines.join("\n")}\n`;
}

const task = `import { readdirSync, readFileSync } from "node:fs";
const lines = readdirSync("src").flatMap((name) => readFileSync("src/" + name, "utf8").split("\\n"));
if (lines.length === 0) throw new Error("no sources");
console.log(process.argv[2], lines.length, "lines");
`;

function nameOf(number: number): string {
  return `package-${String(number).padStart(3, "0")}`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
