import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import ts from "typescript";
import type { ModuleProblem } from "./lint.ts";

interface PackageFile {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

const lockfiles = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "bun.lockb",
];

/** The engine installs the dependencies alone, and sees package.json, the lockfile and .npmrc only. */
export async function packageProblems(root: string, source: string): Promise<ModuleProblem[]> {
  const path = join(source, "package.json");
  if (!existsSync(path)) return [];
  const text = await readFile(path, "utf8");
  const content = JSON.parse(text) as PackageFile;
  const tree = ts.parseJsonText(path, text);
  const at = (...keys: readonly string[]) => `${relative(root, path)}:${String(lineOf(tree, keys))}`;
  return [
    ...typescript(content, at),
    ...dependencies(content, at),
    ...scripts(content, at),
    ...lockfile(content, source, at),
  ];
}

type At = (...keys: readonly string[]) => string;

function typescript({ dependencies = {}, devDependencies = {} }: PackageFile, at: At): ModuleProblem[] {
  const remedy = "npm install --save typescript@^6.0.3";
  const own = dependencies["typescript"];
  if (own === undefined) {
    if (!("typescript" in devDependencies)) return [];
    const message = "typescript is a devDependency, and the engine's SDK needs it at every call";
    return [{ rule: "package", place: at("devDependencies", "typescript"), message, remedy }];
  }
  const place = at("dependencies", "typescript");
  if (/^[=v]*5\.9\.3$/.test(own))
    return [
      {
        rule: "package",
        place,
        message: "typescript 5.9.3 exactly cannot be installed beside the engine's own (EBUSY)",
        remedy,
      },
    ];
  const major = Number(/^[~^=v]*(\d+)/.exec(own)?.[1] ?? Infinity);
  if (major < 7) return [];
  const message = `typescript ${own} may be version 7, which lacks what the engine's SDK calls: every call breaks`;
  return [{ rule: "package", place, message, remedy }];
}

function dependencies({ dependencies = {} }: PackageFile, at: At): ModuleProblem[] {
  return Object.entries(dependencies).flatMap(([name, version]) => {
    const place = at("dependencies", name);
    if (name === "@dagger.io/dagger") {
      const message =
        "@dagger.io/dagger is a dependency: it replaces the SDK that the engine brings, and the first call takes twice as long";
      return [
        { rule: "package" as const, place, message, remedy: `npm install --save-dev ${name}@${version}` },
      ];
    }
    const path = /^(file|workspace|link|portal):/.exec(version)?.[1];
    if (path === undefined) return [];
    const message = `${name} is ${version}: the engine has package.json, the lockfile and .npmrc, and not that path`;
    return [
      {
        rule: "package" as const,
        place,
        message,
        remedy: `take ${name} from a registry, or put its files under src`,
      },
    ];
  });
}

function scripts({ scripts = {} }: PackageFile, at: At): ModuleProblem[] {
  return ["preinstall", "install", "postinstall", "prepare"]
    .filter((name) => name in scripts)
    .map((name) => ({
      rule: "package" as const,
      place: at("scripts", name),
      message: `the script ${name} runs in the engine, where none of the module's files are`,
      remedy: "give it another name, and run it yourself",
    }));
}

function lockfile({ dependencies = {} }: PackageFile, source: string, at: At): ModuleProblem[] {
  if (Object.keys(dependencies).length === 0 || lockfiles.some((name) => existsSync(join(source, name))))
    return [];
  const message = "there is no lockfile: the engine takes Yarn 1, and whatever versions it finds";
  return [
    {
      rule: "lockfile",
      place: at("dependencies"),
      message,
      remedy: "npm install, and commit package-lock.json",
    },
  ];
}

/** Of a property by its path; 1 where it is not there. */
function lineOf(tree: ts.JsonSourceFile, keys: readonly string[]): number {
  let node: ts.Node | undefined = tree.statements[0]?.expression;
  let place: ts.Node | undefined = node;
  for (const key of keys) {
    const property: ts.PropertyAssignment | undefined =
      node !== undefined && ts.isObjectLiteralExpression(node)
        ? node.properties
            .filter(ts.isPropertyAssignment)
            .find(({ name }) => ts.isStringLiteral(name) && name.text === key)
        : undefined;
    if (property === undefined) break;
    place = property;
    node = property.initializer;
  }
  return place === undefined ? 1 : tree.getLineAndCharacterOfPosition(place.getStart(tree)).line + 1;
}
