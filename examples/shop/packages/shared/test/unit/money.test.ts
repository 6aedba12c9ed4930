import { describe, expect, it } from "vitest";
import { formatMoney } from "../../src/index.ts";

describe("formatMoney", () => {
  it("writes cents as euros", () => {
    expect(formatMoney(1450)).toBe("€14.50");
    expect(formatMoney(0)).toBe("€0.00");
  });

  it("groups thousands", () => {
    expect(formatMoney(123_456_789)).toBe("€1,234,567.89");
  });

  it("knows other currencies", () => {
    expect(formatMoney(999, "USD")).toBe("$9.99");
  });

  it("refuses fractions of a cent", () => {
    expect(() => formatMoney(0.1 + 0.2)).toThrow("not a whole number of cents");
  });
});
