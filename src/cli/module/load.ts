import { pathToFileURL } from "node:url";
import { usageError } from "../../model/errors.ts";

export interface LoadRequest {
  /** Absolute path of the file that declares the class. */
  readonly file: string;
  readonly className: string;
  /** A tsconfig.json with experimentalDecorators, for a class in TypeScript. */
  readonly tsconfig: string;
}

export type ModuleClass = new (...values: readonly unknown[]) => Record<string, unknown>;

/**
 * Imports a module's class: JavaScript as it is, TypeScript through tsx (Node itself does not know decorators).
 * @throws FairwayError MODULE_NOT_LOADED (exit 2) for what cannot be read or is not there
 */
export async function loadModuleClass(request: LoadRequest): Promise<ModuleClass> {
  if (/\.m?ts$/.test(request.file)) {
    const { register } = await import("tsx/esm/api");
    // Registered without a namespace and for good: the module may import more later, and must get our copy of the SDK.
    register({ tsconfig: request.tsconfig });
  }
  const exports = await import(pathToFileURL(request.file).href).then(
    (loaded: Record<string, unknown>) => loaded,
    (error: unknown) => {
      throw notLoaded(request.file, error);
    },
  );
  const found = exports[request.className];
  if (typeof found !== "function")
    throw new Error(`${request.file} does not export the class ${request.className}`);
  return found as ModuleClass;
}

/** What the module's own code threw while it was loaded stays as it is. */
function notLoaded(file: string, error: unknown): unknown {
  const { name = "", message = "", code } = error as { name?: string; message?: string; code?: unknown };
  const isMissing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  if (!isMissing && name !== "SyntaxError" && name !== "TransformError") return error;
  // esbuild counts its errors in a line of its own; Node says by which files a CommonJS module was asked for.
  const what = message
    .replace(/^Transform failed with \d+ errors?:\n/, "")
    .replace(/\nRequire stack:[^]*/, "");
  return usageError(`the module cannot be loaded: ${what}`, {
    code: "MODULE_NOT_LOADED",
    place: file,
    remedy: isMissing
      ? "Install what it names beside it (npm install in its folder), or mend the import."
      : "Mend what is said above; npx tsc --noEmit in its folder shows everything of the kind.",
    cause: error,
  });
}
