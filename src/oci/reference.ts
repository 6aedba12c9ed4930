import { usageError } from "../model/errors.ts";

/** An image reference, complete: the defaults of Docker are filled in. */
export interface Reference {
  /** Host and port as written: `docker.io`, `ghcr.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** `library/node`, `acme/shop/api`. */
  readonly repository: string;
  /** `latest` where neither tag nor digest was written. */
  readonly tag: string | null;
  /** `sha256:<64 hex>`; where it stands, the tag is only a label for people. */
  readonly digest: string | null;
}

/**
 * Reads `[registry/]repository[:tag][@digest]` as Docker does.
 * @throws FairwayError `IMAGE_REFERENCE` naming the value and what is wrong with it.
 */
export function parseReference(text: string): Reference {
  const [name = "", digest, ...more] = text.split("@");
  if (more.length > 0) throw wrong(text, "it has more than one @");
  if (digest !== undefined && !isDigest(digest))
    throw wrong(text, `"${digest}" is no digest; a digest is sha256: and 64 hexadecimal digits`);
  const { path, tag } = splitTag(text, name);
  const { registry, repository } = splitRegistry(text, path);
  return {
    registry,
    repository,
    tag: tag ?? (digest === undefined ? "latest" : null),
    digest: digest ?? null,
  };
}

/** The complete spelling: `docker.io/library/node:24`. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === null ? "" : `:${reference.tag}`;
  const digest = reference.digest === null ? "" : `@${reference.digest}`;
  return `${repositoryName(reference)}${tag}${digest}`;
}

/** Registry and repository without tag and digest. */
export function repositoryName(reference: Pick<Reference, "registry" | "repository">): string {
  return `${reference.registry}/${reference.repository}`;
}

export function isDigest(text: string): boolean {
  return /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(text);
}

export function isTag(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text);
}

/** True for a registry on this machine, the only kind that is spoken to in plain HTTP. */
export function isLoopbackRegistry(registry: string): boolean {
  const host = registry.replace(/:\d+$/, "").toLowerCase();
  return host === "localhost" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function splitTag(text: string, name: string): { path: string; tag: string | undefined } {
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  if (colon === -1) return { path: name, tag: undefined };
  const tag = name.slice(colon + 1);
  if (!isTag(tag))
    throw wrong(
      text,
      `"${tag}" is no tag; a tag has up to 128 letters, digits, dots, dashes and underscores`,
    );
  return { path: name.slice(0, colon), tag };
}

function splitRegistry(text: string, path: string): { registry: string; repository: string } {
  const slash = path.indexOf("/");
  const first = slash === -1 ? "" : path.slice(0, slash);
  const isHost = first === "localhost" || /[.:]/.test(first);
  const registry = isHost && first !== "index.docker.io" ? first : "docker.io";
  const rest = isHost ? path.slice(slash + 1) : path;
  const repository =
    registry === "docker.io" && !rest.includes("/") && rest !== "" ? `library/${rest}` : rest;
  if (!isRegistry(registry)) throw wrong(text, `"${registry}" is no host name with an optional port`);
  if (repository === "") throw wrong(text, "it names no repository");
  if (repository !== repository.toLowerCase())
    throw wrong(text, "a repository name has no upper-case letters");
  if (!isRepository(repository))
    throw wrong(
      text,
      `"${repository}" is no repository name; its parts have lower-case letters and digits, separated by . _ __ or dashes`,
    );
  return { registry, repository };
}

function isRegistry(registry: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5}))?$/.exec(
    registry,
  );
  return match !== null && (match[1] === undefined || (Number(match[1]) > 0 && Number(match[1]) < 65536));
}

/** A repository's name by the distribution specification. */
export function isRepository(name: string): boolean {
  return (
    name.length <= 255 &&
    name.split("/").every((part) => /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(part))
  );
}

function wrong(text: string, reason: string): Error {
  return usageError(`"${text}" is not an image reference: ${reason}`, {
    code: "IMAGE_REFERENCE",
    remedy: "write it as [registry/]repository[:tag][@sha256:...], for example ghcr.io/acme/api:1.4.2",
  });
}
