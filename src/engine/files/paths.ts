import { posix } from "node:path";

/** The absolute, clean form of a path in a filesystem; relative ones are below `base`; `..` never leaves the root. */
export function absolute(path: string, base = "/"): string {
  const clean = posix.normalize(posix.join("/", path.startsWith("/") ? path : posix.join(base, path)));
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}

/** `/a/b` as `a/b`; the root as "". */
export function relative(path: string): string {
  return path.replace(/^\/+/, "");
}

/** `/` for all paths, `/a` for `/a` and what is below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

export function parentOf(path: string): string {
  return posix.dirname(path);
}

export function nameOf(path: string): string {
  return posix.basename(path);
}

/** Order by the bytes of the UTF-8 form, as the engine sorts names. */
export function byBytes(a: string, b: string): number {
  if (surrogates.test(a) || surrogates.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Only these sort otherwise in UTF-16 than in UTF-8. */
const surrogates = /[\ud800-\udfff]/;
