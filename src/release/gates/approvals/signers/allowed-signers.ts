import { exitCodes, FairwayError } from "../../../../model/errors.ts";
import { publicKeyOfText, type KeyName } from "../ssh/public-key.ts";
import { Malformed, refusing } from "../ssh/wire.ts";
import { readOptions, type SignerOptions } from "./options.ts";
import { matchesList } from "./patterns.ts";

/** An allowed_signers file, as git and ssh-keygen(1) have it; plain data, so that it can be hashed. */
export interface AllowedSigners {
  /** The file, for what people read: `fairway.allowed_signers`. */
  readonly file: string;
  readonly signers: readonly Signer[];
  /** Lines that give nobody a say, and why. */
  readonly problems: readonly { readonly line: number; readonly why: string }[];
}

/** One line: these names sign with this key. */
export interface Signer extends SignerOptions {
  readonly line: number;
  /** As they stand there, in lower case: names, patterns, and `!` before what is excluded. */
  readonly principals: readonly string[];
  /** Those of the principals that name one person: no pattern, not excluded. */
  readonly names: readonly string[];
  readonly key: KeyName;
}

/**
 * Reads all lines. A bad line does not make the file unreadable: it counts for nobody, which holds a release but
 * never opens one; and the file of the last proven commit cannot be mended before it is replaced by a deploy.
 */
export function parseAllowedSigners(text: string, file: string): AllowedSigners {
  const signers: Signer[] = [];
  const problems: AllowedSigners["problems"][number][] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const trimmed = content.replace(/\r$/, "").replace(/^[ \t]+/, "");
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const answer = refusing(() => readLine(trimmed, index + 1));
    if (answer.ok) signers.push(answer.value);
    else problems.push({ line: index + 1, why: answer.why });
  }
  return { file, signers, problems };
}

/**
 * For the file of a commit that is about to be trusted: every bad line is an error.
 * @throws FairwayError SIGNERS_INVALID (exit 2) that lists them all
 */
export function requireWellFormed(parsed: AllowedSigners): AllowedSigners {
  if (parsed.problems.length === 0) return parsed;
  throw new FairwayError(`${parsed.file} has lines that nobody could approve with.`, {
    code: "SIGNERS_INVALID",
    exitCode: exitCodes.usage,
    place: `${parsed.file}:${String(parsed.problems[0]!.line)}`,
    output: parsed.problems.map(({ line, why }) => `${parsed.file}:${String(line)}: ${why}`).join("\n"),
    remedy: `A line is: ada@example.com ssh-ed25519 AAAA...   (ssh-keygen(1), ALLOWED SIGNERS)`,
  });
}

function readLine(line: string, number: number): Signer {
  // eslint-disable-next-line no-control-regex -- they could rewrite what a terminal shows
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) throw new Malformed("the line has control characters");
  const match = /^("[^"]*"|[^ \t"]+)[ \t]+(.*)$/.exec(line);
  if (match === null) throw new Malformed("a line needs principals, a key type and a key");
  const principals = match[1]!.replaceAll('"', "").toLowerCase().split(",");
  if (principals.some((principal) => principal.replace(/^!/, "") === "")) {
    throw new Malformed("a principal is empty");
  }
  const { options, key } = readKey(match[2]!);
  const names = principals.filter((name) => !/[*?!]/.test(name) && matchesList(name, principals));
  return { line: number, principals, names, key, ...options };
}

/** `[options] type base64 [comment]` */
function readKey(text: string): { readonly options: SignerOptions; readonly key: KeyName } {
  const [first, rest] = field(text);
  const isType = /^(ssh|ecdsa|sk|webauthn)-[^=",]*$/.test(first);
  const [type, afterType] = isType ? [first, rest] : field(rest);
  const [base64] = field(afterType);
  const options = readOptions(isType ? "" : first);
  if (type === "" || base64 === "") throw new Malformed("the line has no key");
  const { fingerprint } = publicKeyOfText(type, base64);
  return { options, key: { type, fingerprint } };
}

/** The first field, in which blanks may stand between double quotes, and what follows it. */
function field(text: string): readonly [string, string] {
  const first = /^(?:"(?:[^"\\]|\\.)*"|[^ \t"])*/.exec(text)![0];
  return [first, text.slice(first.length).replace(/^[ \t]+/, "")];
}
