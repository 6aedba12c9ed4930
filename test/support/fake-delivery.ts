import { loadConfig } from "../../src/config/config.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import type { Clock } from "../../src/model/clock.ts";
import type { Ledger } from "../../src/model/ledger.ts";
import { silentProgress } from "../../src/model/progress.ts";
import type { Target } from "../../src/model/target.ts";

const shop =
  "name: shop\nservices:\n  web: { dockerfile: Dockerfile, port: 3000, ready: /ready }\nenvironments:\n  local: { target: local }\n";

/** One call on a repository of which nothing but its config is there: what a test is about is given. */
export function fakeDelivery(
  fields: { readonly ledger: Ledger; readonly target: Target; readonly clock: Clock } & {
    readonly config?: string;
    readonly actor?: string;
    /** What is checked out: contents by path. */
    readonly files?: Readonly<Record<string, string>>;
  },
): Delivery {
  const { files = {} } = fields;
  const source = {
    exists: async (path: string) => Object.hasOwn(files, path),
    file: (path: string) => ({ contents: async () => files[path] }),
  };
  const config = loadConfig(fields.config ?? shop, "fairway.yaml");
  return {
    definition: { file: "fairway.yaml" },
    input: {},
    progress: silentProgress,
    clock: fields.clock,
    actor: fields.actor ?? "ada@laptop",
    command: "npx fairway",
    signal: undefined,
    config: async () => config,
    project: async () => ({ source }),
    secrets: async () => ({}),
    ledger: async () => fields.ledger,
    target: async () => fields.target,
  } as unknown as Delivery;
}
