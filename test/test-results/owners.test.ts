import { expect, it } from "vitest";
import { ownerOf } from "../../src/test-results/test-results.ts";

const codeowners = `
# who owns what
*            @shop/all
/packages/cart/   @shop/cart ada@example.com # the cart
*.rs         @shop/rust
/docs/
[Section]
`;

it.each([
  ["README.md", "@shop/all"],
  ["packages/cart/test/a.test.ts", "@shop/cart ada@example.com"],
  ["other/packages/cart/a.ts", "@shop/all"],
  ["packages/cart/src/lib.rs", "@shop/rust"],
  ["docs/a.md", null],
  ["../outside", null],
])("%s belongs to %s", async (path, owner) => {
  expect(await ownerOf(codeowners, path)).toBe(owner);
});
