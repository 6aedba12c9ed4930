import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { usageError } from "../../model/errors.ts";

/**
 * The directory of the @dagger.io/dagger package that code in `from` gets: the module and the command line must
 * share one copy, or `dag` of the one does not know the session of the other.
 */
export function findSdk(from: string): string {
  for (const place of [join(from, "package.json"), fileURLToPath(import.meta.url)]) {
    const entry = resolveFrom(place);
    if (entry !== undefined) return dirname(dirname(dirname(entry)));
  }
  throw usageError("@dagger.io/dagger is not installed", {
    code: "SDK_MISSING",
    place: join(from, "package.json"),
    remedy: "npm install --save-dev @dagger.io/dagger@0.21.8",
  });
}

/** For a team's module: without the SDK beside it, its types are unknown, and `dag` would be another one. */
export function requireSdk(source: string): string {
  if (resolveFrom(join(source, "package.json")) !== undefined) return findSdk(source);
  throw usageError("the module's packages are not installed: it finds no @dagger.io/dagger", {
    code: "SDK_MISSING",
    place: join(source, "package.json"),
    remedy: `(cd ${relative(process.cwd(), source) || "."} && npm install)`,
  });
}

/** The SDK's entry module, as a file: `<package>/dist/src/index.js`. */
export function sdkEntry(sdk: string): string {
  return join(sdk, "dist/src/index.js");
}

function resolveFrom(file: string): string | undefined {
  try {
    return createRequire(file).resolve("@dagger.io/dagger");
  } catch {
    return undefined;
  }
}
