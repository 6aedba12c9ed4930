import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatReference, isLoopbackRegistry, parseReference } from "../../src/oci/oci.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("parseReference", () => {
  test.each([
    ["node", "docker.io/library/node:latest"],
    ["node:24-slim", "docker.io/library/node:24-slim"],
    ["acme/api", "docker.io/acme/api:latest"],
    ["docker.io/node:24", "docker.io/library/node:24"],
    ["index.docker.io/acme/api:1", "docker.io/acme/api:1"],
    ["localhost/api", "localhost/api:latest"],
    ["localhost:5000/api:1.2.3", "localhost:5000/api:1.2.3"],
    ["127.0.0.1:5000/shop/api", "127.0.0.1:5000/shop/api:latest"],
    ["[::1]:5000/shop/api:x", "[::1]:5000/shop/api:x"],
    ["ghcr.io/acme/shop/api:v1.0.0_rc.1", "ghcr.io/acme/shop/api:v1.0.0_rc.1"],
    [`ghcr.io/acme/api@${digest}`, `ghcr.io/acme/api@${digest}`],
    [`ghcr.io/acme/api:1@${digest}`, `ghcr.io/acme/api:1@${digest}`],
    ["gcr.io/a/b__c/d-e.f", "gcr.io/a/b__c/d-e.f:latest"],
  ])("reads %s as %s", (text, complete) => {
    expect(formatReference(parseReference(text))).toBe(complete);
  });

  test.each([
    ["", /names no repository/],
    ["ghcr.io/", /names no repository/],
    ["Node:24", /no upper-case letters/],
    ["ghcr.io/acme/api:", /"" is no tag/],
    ["ghcr.io/acme/api:a b", /"a b" is no tag/],
    ["acme//api", /"acme\/\/api" is no repository name/],
    ["acme/../api", /is no repository name/],
    ["acme/-api", /is no repository name/],
    ["host:99999/api", /"host:99999" is no host name/],
    ["node@sha256:abc", /"sha256:abc" is no digest/],
    [`node@${digest}@${digest}`, /more than one @/],
    ["https://ghcr.io/acme/api", /is not an image reference/],
  ])("refuses %j, saying why", (text, reason) => {
    expect(() => parseReference(text)).toThrow(reason);
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ code: "IMAGE_REFERENCE", exitCode: 2 }) as Error,
    );
  });

  test("what it wrote, it reads as the same", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const host = fc.constantFrom("localhost:1", "127.0.0.1:80", "ghcr.io", "a.b.c:443");
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/));
    fc.assert(
      fc.property(
        host,
        fc.array(part, { minLength: 1, maxLength: 4 }),
        tag,
        fc.boolean(),
        (registry, parts, name, withDigest) => {
          const reference = {
            registry,
            repository: parts.join("/"),
            tag: name,
            digest: withDigest || name === null ? digest : null,
          };
          expect(parseReference(formatReference(reference))).toEqual(reference);
        },
      ),
    );
  });
});

test.each([
  ["localhost", true],
  ["localhost:5000", true],
  ["127.8.9.1:80", true],
  ["[::1]:5000", true],
  ["127.0.0.1.example.com", false],
  ["localhost.example.com:80", false],
  ["10.0.0.1:5000", false],
])("%s is on this machine: %s", (registry, expected) => {
  expect(isLoopbackRegistry(registry)).toBe(expected);
});
