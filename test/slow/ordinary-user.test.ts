import { test } from "vitest";
import { expectToPassForOrdinaryUser } from "../host/sandbox/as-ordinary-user.ts";

test("all tests of layers and sandbox hold for an ordinary user too", async (ctx) => {
  await expectToPassForOrdinaryUser(ctx, []);
});
