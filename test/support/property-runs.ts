/** So many random inputs in `npm test`, and twenty times as many in the long proofs: `test/slow/properties.test.ts`. */
export function propertyRuns(quick: number): { readonly numRuns: number } {
  return { numRuns: quick * Number(process.env["FAIRWAY_PROPERTY_RUNS"] ?? 1) };
}
