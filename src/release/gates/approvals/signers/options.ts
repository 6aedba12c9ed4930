import { Malformed } from "../ssh/wire.ts";
import { timestamp } from "./timestamp.ts";

/** What the second field of a line may say. */
export interface SignerOptions {
  /** Patterns of the namespaces that the key may sign in; null for any. */
  readonly namespaces: readonly string[] | null;
  /** RFC 3339, UTC. */
  readonly validAfter: string | null;
  readonly validBefore: string | null;
}

/** @throws Malformed for an option that is unknown, repeated, or not supported */
export function readOptions(text: string): SignerOptions {
  const found = new Map<string, string>();
  for (const [name, value] of parts(text)) {
    if (found.has(name)) throw new Malformed(`the option ${name} stands twice`);
    found.set(name, value);
  }
  const date = (name: string) => (found.has(name) ? timestamp(found.get(name)!, name) : null);
  const options = {
    namespaces: found.get("namespaces")?.split(",") ?? null,
    validAfter: date("valid-after"),
    validBefore: date("valid-before"),
  };
  if (options.validAfter && options.validBefore && options.validAfter > options.validBefore) {
    throw new Malformed("valid-after is later than valid-before: the key is never valid");
  }
  return options;
}

function* parts(text: string): Generator<[string, string]> {
  let rest = text;
  while (rest !== "") {
    const match = /^([A-Za-z-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,(?=.)|$)/.exec(rest);
    const name = (match?.[1] ?? /^[^=,]*/.exec(rest)![0]).toLowerCase();
    if (name === "cert-authority") {
      throw new Malformed("cert-authority is not supported: list each person's own key");
    }
    if (!["namespaces", "valid-after", "valid-before"].includes(name)) {
      throw new Malformed(`the option ${JSON.stringify(name)} is not known`);
    }
    if (match?.[2] === undefined)
      throw new Malformed(`${name} needs a value in double quotes: ${name}="..."`);
    yield [name, match[2].replaceAll('\\"', '"')];
    rest = rest.slice(match[0].length);
  }
}
