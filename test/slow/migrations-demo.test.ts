import { expect, it } from "vitest";
import { toldDemo } from "../support/told-demo.ts";

it("npm run demo:migrations keeps every promise, and leaves nothing behind", async () => {
  const output = await toldDemo("migrations");
  expect(output).toContain("(live) uses Order.customerEmail, and fails");
  expect(output.match(/requests, none failed\. For [\d.]+ s both served/g)).toHaveLength(5);
  expect(output).toMatch(/all [\d,]+ orders, of whichever release, have the address that they were given/);
  expect(output).not.toMatch(/postgresql:\/\/[^*]/);
});
