/** What has to hold for any input, tried with twenty times as many as in `npm test`. */
process.env["FAIRWAY_PROPERTY_RUNS"] = "20";

await import("../database/review/fuzz.test.ts");
await import("../engine/directory-properties.test.ts");
await import("../release/analysis/judge.test.ts");
await import("../release/gates/approvals/properties.test.ts");
await import("../release/gates/windows/agreement.test.ts");
await import("../release/gates/windows/properties.test.ts");
await import("../testing/properties.test.ts");
