import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/host/processes/processes.ts";
import { nodeImage, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

const answer = (text: string, port: number, host: string) =>
  `require('http').createServer((q, r) => r.end(${JSON.stringify(text)})).listen(${String(port)}, ${JSON.stringify(host)})`;
const get = (url: string) => [
  "node",
  "-e",
  `fetch(${JSON.stringify(url)}).then((r) => r.text()).then((t) => process.stdout.write(t), (e) => console.log(e.cause?.code ?? e))`,
];

/** A server of this machine. */
async function hostServer(host: string, port = 0): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_request, response) => response.end("of the host"));
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

describe("a port of the host", () => {
  it.each(["127.0.0.1", "0.0.0.0"])(
    "keeps its number for a step, where it listens on %s",
    async (address) => {
      await using server = await hostServer(address, await freePort({ address: "0.0.0.0" }));
      const step = await engine.with((dag) =>
        dag
          .container()
          .from(nodeImage)
          .withServiceBinding("the-host", dag.host().service([{ backend: server.port }]))
          .withExec(get(`http://the-host:${String(server.port)}/`))
          .stdout(),
      );
      expect(step).toBe("of the host");
    },
  );

  it("over UDP is refused by name", async () => {
    const error = await refusalOf(
      engine.with((dag) =>
        dag
          .host()
          .service([{ backend: 53, protocol: "UDP" as never }])
          .start(),
      ),
    );
    expect(error.message).toMatch(/^a UDP port of Host.service: the embedded engine does not support it/);
  });
});

describe("a tunnel", () => {
  it("has the ports that it was given, and its service's own with `native`", async () => {
    const [own, other] = [await freePort({ address: "0.0.0.0" }), await freePort()];
    await engine.with(async (dag) => {
      const service = dag
        .container()
        .from(nodeImage)
        .withExposedPort(own)
        .asService({ args: ["node", "-e", answer("tunnelled", own, "0.0.0.0")] });
      const tunnel = await dag
        .host()
        .tunnel(service, { native: true, ports: [{ backend: own, frontend: other }] })
        .start();
      const ports = await Promise.all((await tunnel.ports()).map((port) => port.port()));
      expect(ports).toEqual([own, other]);
      for (const port of ports)
        expect(await (await fetch(`http://127.0.0.1:${String(port)}`)).text()).toBe("tunnelled");
      await tunnel.stop();
      await expect(fetch(`http://127.0.0.1:${String(other)}`)).rejects.toThrow("fetch failed");
    });
  });

  it("that does not run has no address, and one to a port that is taken is refused with the port", async () => {
    await using taken = await hostServer("127.0.0.1");
    await engine.with(async (dag) => {
      const service = dag
        .container()
        .from(nodeImage)
        .withExposedPort(await freePort({ address: "0.0.0.0" }))
        .asService({ args: ["sleep", "60"] });
      const tunnel = dag.host().tunnel(service);
      expect((await refusalOf(tunnel.endpoint())).message).toMatch(
        /^failed to get service ports: service \w+ is not running/,
      );
      const port = await freePort({ address: "0.0.0.0" });
      const listening = dag
        .container()
        .from(nodeImage)
        .withExposedPort(port)
        .asService({ args: ["node", "-e", answer("x", port, "0.0.0.0")] });
      const refused = await refusalOf(
        dag
          .host()
          .tunnel(listening, { ports: [{ backend: port, frontend: taken.port }] })
          .start(),
      );
      expect(refused.message).toContain(
        `listen 127.0.0.1:${String(taken.port)}: the port is in use on this machine`,
      );
    });
  });

  it("ends with its session", async () => {
    const port = await freePort({ address: "0.0.0.0" });
    const other = await testEngine();
    let address = "";
    try {
      await other.with(async (dag) => {
        const service = dag
          .container()
          .from(nodeImage)
          .withExposedPort(port)
          .asService({ args: ["node", "-e", answer("x", port, "0.0.0.0")] });
        const tunnel = await dag.host().tunnel(service).start();
        address = await tunnel.endpoint({ scheme: "http" });
        expect(await (await fetch(address)).text()).toBe("x");
      });
    } finally {
      await other[Symbol.asyncDispose]();
    }
    await expect(fetch(address)).rejects.toThrow("fetch failed");
  });
});

describe("host.findUp", () => {
  it("answers the path from the working directory, and null where nothing is found", async () => {
    await mkdir(join(engine.workdir, "here"), { recursive: true });
    await writeFile(join(engine.workdir, "fairway-mark"), "");
    await engine.with(async (dag) => {
      expect(await dag.host().findUp("fairway-mark")).toBe("fairway-mark");
      expect(await dag.host().findUp("no-such-name-anywhere")).toBeNull();
    });
  });
});
