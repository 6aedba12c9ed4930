import { describe, expect, it } from "vitest";
import { parseEnvironment } from "../../src/config/environment.ts";

const complete = { DATABASE_URL: "postgresql://shop:secret@127.0.0.1:5432/shop" };

describe("the api's environment", () => {
  it("needs nothing but a database", () => {
    expect(parseEnvironment(complete)).toMatchObject({ PORT: 3040, HOST: "0.0.0.0", LOG_LEVEL: "info" });
  });

  it("reads numbers", () => {
    expect(parseEnvironment({ ...complete, PORT: "8080", DATABASE_POOL_SIZE: "12" })).toMatchObject({
      PORT: 8080,
      DATABASE_POOL_SIZE: 12,
    });
  });

  it("lists everything that is wrong, at once", () => {
    const broken = { DATABASE_URL: "mysql://localhost", LOG_LEVEL: "loud", PORT: "http" };
    for (const name of Object.keys(broken)) expect(() => parseEnvironment(broken)).toThrow(name);
  });

  it("does not repeat a value that it refuses", () => {
    expect(() => parseEnvironment({ DATABASE_URL: "s3cret" })).toThrow(/^((?!s3cret)[\s\S])*$/);
  });
});
