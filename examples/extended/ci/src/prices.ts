import { defineCheck } from "@fairway/sdk";

/** A price that is written as a fraction is a cent too much or too little one day. Only once the unit tests have passed. */
export const prices = defineCheck(
  "prices",
  async ({ source }) => {
    const path = "src/prices.js";
    const lines = (await source.file(path).contents()).split("\n");
    const findings = lines.flatMap((text, index) =>
      /:\s*\d[\d_]*\.\d/.test(text) ? [fraction(path, index + 1, text.trim())] : [],
    );
    return { findings, problems: [] };
  },
  { needs: ["unit"] },
);

function fraction(path: string, line: number, snippet: string) {
  return {
    ...({ kind: "code", severity: "high", tool: "shop", rule: "whole-cents" } as const),
    title: "A price that is no whole number of cents",
    message: "Prices are cents: 1999, not 19.99",
    ...{ locations: [{ path, line, snippet }], aliases: [], weaknesses: [] },
  };
}
