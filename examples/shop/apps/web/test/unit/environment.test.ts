import { describe, expect, it } from "vitest";
import { parseEnvironment } from "../../src/config/environment.ts";

describe("the web's environment", () => {
  it("needs nothing but the api's address", () => {
    expect(parseEnvironment({ API_URL: "http://127.0.0.1:3040" })).toMatchObject({
      PORT: 3041,
      HOST: "0.0.0.0",
    });
  });

  it("refuses an address that is not one", () => {
    expect(() => parseEnvironment({ API_URL: "127.0.0.1:3040" })).toThrow("API_URL");
  });
});
