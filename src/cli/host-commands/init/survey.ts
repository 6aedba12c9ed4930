import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { readService, type FoundService } from "./service.ts";

/** What a repository holds, as far as its files tell. Paths are relative to its root, with `/`. */
export interface Survey {
  readonly root: string;
  readonly name: string;
  readonly packageManager: "npm" | "pnpm" | "yarn";
  /** Null without a package.json at the root. */
  readonly packageJson: PackageJson | null;
  /** Null where the checks are scripts of package.json. */
  readonly cargo: { readonly hasLockfile: boolean } | null;
  readonly services: readonly FoundService[];
  readonly prisma: { readonly schema: string; readonly url: string; readonly postgres: string | null } | null;
}

export interface PackageJson {
  readonly name?: string;
  readonly packageManager?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const passedOver = new Set([
  "node_modules",
  ".git",
  ".fairway",
  ".turbo",
  "dist",
  "build",
  "coverage",
  "target",
  ".next",
]);

export async function survey(root: string): Promise<Survey> {
  const files = (await filesBelow(root, root, 6)).sort();
  const packageJson = readPackage(root);
  const dockerfiles = files.filter(
    (file) => /^(Dockerfile(\..+)?|.+\.Dockerfile)$/.test(basename(file)) && !file.endsWith(".dockerignore"),
  );
  const cargo = readCargo(root, packageJson);
  const name = slug(packageJson?.name ?? cargo?.name ?? basename(root));
  return {
    root,
    name,
    packageManager: packageManagerOf(root, packageJson),
    packageJson,
    cargo,
    services: dockerfiles.map((dockerfile) => readService({ root, dockerfile, files, fallbackName: name })),
    prisma: readPrisma(root, files),
  };
}

async function filesBelow(root: string, directory: string, depth: number): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory())
        return depth === 0 || passedOver.has(entry.name) ? [] : filesBelow(root, path, depth - 1);
      return entry.isFile() ? [relative(root, path).split(sep).join("/")] : [];
    }),
  );
  return found.flat();
}

function readPackage(root: string): PackageJson | null {
  const file = join(root, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as PackageJson) : null;
}

/** As steps tell it: a package.json without scripts only brings tools along. */
function readCargo(root: string, packageJson: PackageJson | null) {
  const file = join(root, "Cargo.toml");
  if (!existsSync(file) || Object.keys(packageJson?.scripts ?? {}).length > 0) return null;
  const [, own = ""] = /^\[package\]\s*$([^[]*)/m.exec(readFileSync(file, "utf8")) ?? [];
  const name = /^\s*name\s*=\s*["']([^"']+)["']/m.exec(own)?.[1];
  return { name, hasLockfile: existsSync(join(root, "Cargo.lock")) };
}

function packageManagerOf(root: string, packageJson: PackageJson | null): Survey["packageManager"] {
  const named = packageJson?.packageManager?.split("@")[0];
  if (named === "pnpm" || named === "yarn" || named === "npm") return named;
  if (existsSync(join(root, "pnpm-lock.yaml"))) return "pnpm";
  return existsSync(join(root, "yarn.lock")) ? "yarn" : "npm";
}

function readPrisma(root: string, files: readonly string[]): Survey["prisma"] {
  const schema = files.find((file) => basename(file) === "schema.prisma");
  if (schema === undefined) return null;
  const text = [schema, join(dirname(dirname(schema)), "prisma.config.ts")]
    .map((file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : ""))
    .join("\n");
  const url =
    /env\(\s*["'](\w+)["']/.exec(text)?.[1] ??
    /process\.env(?:\.|\[["'])(\w*URL\w*)/.exec(text)?.[1] ??
    "DATABASE_URL";
  return { schema, url, postgres: postgresOf(root, files) };
}

/** The major that a compose file runs. */
function postgresOf(root: string, files: readonly string[]): string | null {
  const composes = files.filter((file) => /(^|\/)(docker-)?compose[\w.-]*\.ya?ml$/.test(file));
  for (const file of composes) {
    const [, major] = /image:\s*["']?postgres:(\d+)/.exec(readFileSync(join(root, file), "utf8")) ?? [];
    if (major !== undefined) return major;
  }
  return null;
}

function slug(name: string): string {
  return (
    name
      .replace(/^@[^/]+\//, "")
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, "-")
      .replace(/^-+|-+$/g, "") || "app"
  );
}
