import { test } from "vitest";
import { expectToPassForOrdinaryUser } from "./as-ordinary-user.ts";

// All of it: test/slow/ordinary-user.test.ts
test("a step's own filesystem and its walls hold for an ordinary user too", async (ctx) => {
  await expectToPassForOrdinaryUser(ctx, ["sandbox/isolation", "sandbox/mounts", "layers/view"]);
}, 180_000);
