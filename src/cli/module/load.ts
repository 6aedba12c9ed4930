import { pathToFileURL } from "node:url";

export interface LoadRequest {
  /** Absolute path of the file that declares the class. */
  readonly file: string;
  readonly className: string;
  /** A tsconfig.json with experimentalDecorators, for a class in TypeScript. */
  readonly tsconfig: string;
}

export type ModuleClass = new (...values: readonly unknown[]) => Record<string, unknown>;

/** Imports a module's class: JavaScript as it is, TypeScript through tsx (Node itself does not know decorators). */
export async function loadModuleClass(request: LoadRequest): Promise<ModuleClass> {
  if (/\.m?ts$/.test(request.file)) {
    const { register } = await import("tsx/esm/api");
    // Registered without a namespace and for good: the module may import more later, and must get our copy of the SDK.
    register({ tsconfig: request.tsconfig });
  }
  const exports = (await import(pathToFileURL(request.file).href)) as Record<string, unknown>;
  const found = exports[request.className];
  if (typeof found !== "function")
    throw new Error(`${request.file} does not export the class ${request.className}`);
  return found as ModuleClass;
}
