import { randomInt } from "node:crypto";
import { connect } from "node:net";
import { isFree } from "../../host/processes/processes.ts";
import { EngineError } from "../errors.ts";
import type { ExposedPort } from "../states.ts";

/** An address of this machine that no other service has: loopback is 127.0.0.0/8. */
export async function ownAddress(ports: readonly number[]): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const address = `127.77.${String(randomInt(1, 255))}.${String(randomInt(1, 255))}`;
    const free = await Promise.all(ports.map((port) => isFree(port, address)));
    if (free.every(Boolean)) return address;
  }
  throw new EngineError(taken(ports));
}

/** A service listens where its program says, as a rule on all addresses: its ports must be free on all of them. */
export async function checkPorts(ports: readonly ExposedPort[]): Promise<void> {
  const numbers = ports.filter(({ protocol }) => protocol === "TCP").map(({ port }) => port);
  const free = await Promise.all(
    numbers.map(async (port) => (await isFree(port, "0.0.0.0")) && !(await answers("127.0.0.1", port))),
  );
  const busy = numbers.filter((_port, index) => free[index] !== true);
  if (busy.length > 0) throw new EngineError(taken(busy));
}

/** True when something takes connections there. */
export function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1000 });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => {
      done(true);
    });
    socket.once("error", () => {
      done(false);
    });
    socket.once("timeout", () => {
      done(false);
    });
  });
}

function taken(ports: readonly number[]): string {
  const [one] = ports;
  const what = ports.length === 1 ? `port ${String(one)} is` : `ports ${ports.join(", ")} are`;
  return `${what} in use on this machine, and services of the embedded engine share its network: end the program that listens there (\`ss -ltnp\` shows it), or use the real engine (--engine dagger)`;
}
