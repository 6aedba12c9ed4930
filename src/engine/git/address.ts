import { EngineError } from "../errors.ts";
import { refusal } from "../validation.ts";

/** Where a repository is; what stands after its `#` beside it. */
export interface GitAddress {
  readonly scheme: "http" | "https" | "git" | "ssh";
  /** Without what stands after `#`, and without a name and password. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly ref: string;
  readonly subfolder: string;
}

const schemes = ["http", "https", "git", "ssh"];

/** Undefined where the text is no address of a repository, but may be a path. */
export function parseGitAddress(text: string): GitAddress | undefined {
  const scheme = /^([a-zA-Z0-9]+):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return parseShort(text);
  const url = URL.parse(text);
  if (!schemes.includes(scheme) || url === null) return undefined;
  const [ref = "", subfolder = ""] = split(decodeURIComponent(url.hash.slice(1)));
  return {
    ...{ scheme: scheme as GitAddress["scheme"], url: `${scheme}://${url.host}${url.pathname}` },
    ...{ username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
    ...{ ref, subfolder },
  };
}

/** @throws EngineError for what is no address, and for one that only the real engine can ask */
export function gitAddress(text: string): GitAddress {
  const address = parseGitAddress(text) ?? parseGitAddress(withScheme(text));
  if (address === undefined) throw new EngineError(`failed to parse Git URL: ${fault(text)}`);
  if (address.scheme === "ssh")
    throw new EngineError(
      `${refusal(`Query.git of an SSH address (${text})`)}; an https:// address works here too`,
    );
  return address;
}

/** `git@host:owner/name.git` */
function parseShort(text: string): GitAddress | undefined {
  const [, user = "", host = "", rest = ""] = /^([\w.-]+)@([\w.-]+):(?!\/\/)(.+)$/.exec(text) ?? [];
  if (rest === "") return undefined;
  const [path = "", fragment = ""] = rest.split("#", 2);
  const [ref = "", subfolder = ""] = split(fragment);
  return { scheme: "ssh", url: `${user}@${host}:${path}`, username: user, password: "", ref, subfolder };
}

function split(fragment: string): readonly string[] {
  const colon = fragment.indexOf(":");
  return colon === -1 ? [fragment] : [fragment.slice(0, colon), fragment.slice(colon + 1)];
}

/** `github.com/owner/name` is asked over https. */
function withScheme(text: string): string {
  return /^[\w-]+(\.[\w-]+)+(:\d+)?\/\S+$/.test(text) ? `https://${text}` : "";
}

function fault(text: string): string {
  const scheme = /^([a-zA-Z0-9]+):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return `unknown protocol: ${JSON.stringify(text)}`;
  return schemes.includes(scheme)
    ? `invalid address ${JSON.stringify(text)}`
    : `invalid protocol ${JSON.stringify(scheme)}`;
}
