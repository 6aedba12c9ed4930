/** A step that removes all of its filesystem, where `npm test` has it remove a part. */
process.env["FAIRWAY_TEST_WIPE"] = "/";

await import("../host/sandbox/careless.test.ts");
