import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { failure } from "../../../../src/model/errors.ts";
import { ask } from "../../../../src/providers/targets/local/client.ts";
import { serveControl } from "../../../../src/providers/targets/local/control-server.ts";
import type { Environment } from "../../../../src/providers/targets/local/environment.ts";

test("a stop that is refused leaves the supervisor running, and one that succeeds ends it", async () => {
  const refusal = failure("another deploy has taken over", { code: "LEASE_LOST" });
  const stop = vi.fn<Environment["stop"]>().mockRejectedValueOnce(refusal).mockResolvedValueOnce();
  await using control = await serve({ stop });
  await expect(control.askToStop()).rejects.toMatchObject({ code: "LEASE_LOST" });
  // Answered after whatever the refusal has led to.
  await expect(ask(control.socket, "/abort", { operationId: "none" }, () => undefined)).resolves.toBeNull();
  expect(control.onStopped).not.toHaveBeenCalled();
  await control.askToStop();
  await vi.waitFor(() => {
    expect(control.onStopped).toHaveBeenCalledOnce();
  });
});

test("a stop that succeeds ends the supervisor when the command that asked has died meanwhile", async () => {
  const begun = Promise.withResolvers<undefined>();
  const goOn = Promise.withResolvers<undefined>();
  await using control = await serve({
    stop: async () => {
      begun.resolve(undefined);
      await goOn.promise;
    },
  });
  const call = request({ socketPath: control.socket, path: "/stop", method: "POST", agent: false });
  call.on("error", () => undefined).end("{}");
  await begun.promise;
  call.destroy();
  await vi.waitFor(async () => {
    expect(await control.connections()).toBe(0);
  });
  expect(control.onStopped).not.toHaveBeenCalled();
  goOn.resolve(undefined);
  await vi.waitFor(() => {
    expect(control.onStopped).toHaveBeenCalledOnce();
  });
});

async function serve(environment: Partial<Environment>) {
  const directory = await mkdtemp(join(tmpdir(), "fairway-control-"));
  const socket = join(directory, "private", "control.sock");
  const onStopped = vi.fn<() => void>();
  const server = await serveControl(environment as Environment, socket, onStopped);
  return {
    socket,
    onStopped,
    askToStop: () => ask(socket, "/stop", { fencingToken: 1, removeData: false }, () => undefined),
    connections: () =>
      new Promise<number>((resolve) => {
        server.getConnections((_error, count) => {
          resolve(count);
        });
      }),
    [Symbol.asyncDispose]: async () => {
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
