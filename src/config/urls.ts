import { z } from "zod";

export const httpUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    "must be an address that begins with https://",
  )
  .refine(
    (text) => !URL.canParse(text) || (new URL(text).username === "" && new URL(text).password === ""),
    "must have no user name or token in it: name a secret under token",
  );

/** Where a token is sent to. */
export const tokenUrl = httpUrl.refine(
  (text) => !text.startsWith("http:") || !URL.canParse(text) || isNear(new URL(text).hostname),
  "must begin with https://: a token does not cross a network in the clear",
);

/** A git repository that is reached with a token. */
export const repositoryUrl = z
  .string()
  .refine(
    (text) => !/^(ssh:|git:|[\w.-]+@[\w.-]+:)/.test(text),
    "is reached over https, with a token: https://host/owner/repository (ssh needs keys that an engine has not)",
  )
  .pipe(tokenUrl);

/** Loopback, and names that only a cluster or an engine knows. */
function isNear(hostname: string): boolean {
  return (
    /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname) ||
    !hostname.includes(".") ||
    /\.(svc|local|internal|localhost)$/.test(hostname)
  );
}
