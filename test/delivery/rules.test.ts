import { expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { rulesFrom } from "../../src/delivery/rules.ts";

const config = (production: string, staging = "") =>
  loadConfig(
    `name: shop
services:
  web: { dockerfile: Dockerfile, port: 3000, ready: /ready }
environments:
  staging: { target: local${staging} }
  production: { target: local, after: staging${production} }
  sandbox: { target: local }
`,
    "fairway.yaml",
  );
const signers = (text: string) => async () => text;
const nobody = signers("");

it("the rules of an environment are also those of the ones that come after it, and of no other", async () => {
  const before = config("");
  const after = config(", soakMinutes: 60");
  expect(await rulesFrom(after, "staging", nobody)).not.toEqual(await rulesFrom(before, "staging", nobody));
  expect(await rulesFrom(after, "sandbox", nobody)).toEqual(await rulesFrom(before, "sandbox", nobody));
  const stricter = config("", ", branch: main");
  expect(await rulesFrom(stricter, "production", nobody)).toEqual(
    await rulesFrom(before, "production", nobody),
  );
});

it("whose keys count is a rule: a key that is taken out is a change", async () => {
  const asked = config(", approvals: { required: 1 }");
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJXN3hNr3sEQm0Yq0sSgkmKrC1ZQkX0B6Zf4mV8G9n2y";
  const two = await rulesFrom(asked, "production", signers(`ada@example.com ${key}\n`));
  expect(two).not.toEqual(await rulesFrom(asked, "production", signers("# nobody\n")));
});
