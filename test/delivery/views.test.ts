import { expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { history } from "../../src/delivery/views.ts";
import { failure, type FairwayError } from "../../src/model/errors.ts";

const config = loadConfig(
  "name: shop\nservices:\n  web: { dockerfile: Dockerfile, port: 3000, ready: /ready }\nenvironments:\n  local: { target: local }\n  staging: { target: local }\n",
  "fairway.yaml",
);

function withoutToken(notes: string[]): Delivery {
  return {
    config: async () => config,
    command: "npx fairway",
    progress: { note: (text: string) => notes.push(text) },
    ledger: async (name: string) => {
      if (name === "local") return { read: async () => [] };
      throw failure("the ledger needs a value for LEDGER_TOKEN", { code: "SECRETS_MISSING" });
    },
  } as unknown as Delivery;
}

it("the history of all environments says which could not be read, and shows the others", async () => {
  const notes: string[] = [];
  expect(await history(withoutToken(notes), "", { limit: 0 }, "text")).toContain(
    "Nothing has been deployed yet",
  );
  expect(notes).toEqual(["staging cannot be looked at: the ledger needs a value for LEDGER_TOKEN"]);
});

it("the history of one environment that cannot be read is an error", async () => {
  const refused = history(withoutToken([]), "staging", { limit: 0 }, "text").catch((error: unknown) => error);
  expect(((await refused) as FairwayError).code).toBe("SECRETS_MISSING");
});

it("a limit that is no number of deployments is refused", async () => {
  const refused = history(withoutToken([]), "local", { limit: -1 }, "text").catch((error: unknown) => error);
  expect(await refused).toMatchObject({ code: "LIMIT_INVALID", exitCode: 2 });
});
