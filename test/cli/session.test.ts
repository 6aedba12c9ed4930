import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { connected, type Sdk } from "../../src/cli/run/session.ts";
import { failure } from "../../src/model/errors.ts";

/** As the SDK does it where it provisions the engine itself. */
function provisioning(before?: Error, after?: Error): Sdk {
  const connection = async (work: () => Promise<unknown>) => {
    try {
      if (before !== undefined) throw before;
      await work();
      if (after !== undefined) throw after;
    } catch (error) {
      throw new Error(`failed to execute function with automatic provisioning: ${String(error)}`, {
        cause: error,
      });
    }
  };
  return { connection } as unknown as Sdk;
}

test("an error of the function stays its own, also where the SDK provisions the engine", async () => {
  const own = failure("unit failed", { code: "CHECK_FAILED" });
  await expect(connected(provisioning(), new PassThrough(), () => Promise.reject(own))).rejects.toBe(own);
});

test("an engine that cannot be provisioned is told as such", async () => {
  const sdk = provisioning(new Error("no docker"));
  await expect(connected(sdk, new PassThrough(), () => Promise.resolve(1))).rejects.toMatchObject({
    code: "ENGINE_UNREACHABLE",
    output: "no docker",
  });
});

test("a session that does not end in order does not take the answer back", async () => {
  const sdk = provisioning(undefined, new Error("connection reset"));
  await expect(connected(sdk, new PassThrough(), () => Promise.resolve(7))).resolves.toBe(7);
});
