import { equal } from "node:assert/strict";
import { test } from "node:test";
import { priceOf } from "./prices.js";

test("three lanterns cost three times as much as one", () => {
  equal(priceOf("lantern", 3), 7_050);
});

test("what the shop does not have has no price", () => {
  equal(priceOf("kraken"), undefined);
});
