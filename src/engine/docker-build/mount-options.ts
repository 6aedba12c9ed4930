import { invalid, unsupported, type Finding } from "./faults.ts";
import type { Expand } from "./words.ts";

/** The options of a RUN's `--mount`, by their names; one without a value is `true`. */
export function mountOptions(text: string, expand: (text: string) => string): ReadonlyMap<string, string> {
  return new Map(
    text.split(",").map((part): [string, string] => {
      const at = part.indexOf("=");
      return at === -1 ? [part.trim(), "true"] : [part.slice(0, at).trim(), expand(part.slice(at + 1))];
    }),
  );
}

export function mountFindings(text: string, expand: Expand): readonly Finding[] {
  const options = mountOptions(text, (value) => expand(value) ?? value);
  const type = options.get("type") ?? "bind";
  const known = types[type];
  const mount = `--mount=type=${type}`;
  if (type.includes("$")) return [];
  if (type === "ssh") return [unsupported(mount)];
  if (known === undefined) return [invalid(mount, "unknown type of mount")];
  return [...options.keys()]
    .filter((name) => name !== "type" && !known.here.includes(name))
    .map((name) => {
      const written = `${mount},${name}=`;
      return known.elsewhere.includes(name) ? unsupported(written) : invalid(written, "unknown option");
    });
}

/** What each type of mount takes: what the embedded engine follows, and what only the real one does. */
const types: Readonly<
  Record<string, { readonly here: readonly string[]; readonly elsewhere: readonly string[] }>
> = {
  cache: {
    here: ["id", "target", "dst", "destination", "sharing", "uid", "gid"],
    elsewhere: ["readonly", "ro", "from", "source", "src", "mode"],
  },
  tmpfs: { here: ["target", "dst", "destination"], elsewhere: ["size"] },
  secret: {
    here: ["id", "target", "dst", "destination", "required", "mode", "uid", "gid", "env"],
    elsewhere: [],
  },
  bind: {
    here: ["target", "dst", "destination", "source", "src", "from", "readonly", "ro"],
    elsewhere: ["rw", "readwrite"],
  },
};
