import { createServer, type AddressInfo, type Socket } from "node:net";

export interface FakeRedis extends AsyncDisposable {
  readonly port: number;
}

/**
 * The part of Redis' protocol that a PING needs: arrays of bulk strings in, a line out. It knows RESP 2 alone.
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export async function fakeRedis(options: { password?: string; silent?: boolean } = {}): Promise<FakeRedis> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let isIn = options.password === undefined;
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      if (options.silent === true) return;
      text += chunk.toString();
      for (let read = command(text); read !== undefined; read = command(text)) {
        text = read.rest;
        const [name = "", ...values] = read.words;
        if (name.toUpperCase() === "AUTH") {
          isIn = values.at(-1) === options.password;
          socket.write(isIn ? "+OK\r\n" : "-WRONGPASS invalid username-password pair\r\n");
        } else if (!isIn) socket.write("-NOAUTH Authentication required.\r\n");
        else if (name.toUpperCase() === "PING") socket.write("+PONG\r\n");
        else socket.write(`-ERR unknown command '${name}'\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The first whole command, and what follows it. */
function command(text: string): { readonly words: readonly string[]; readonly rest: string } | undefined {
  const count = /^\*(\d+)\r\n/.exec(text);
  if (count === null) return undefined;
  let at = count[0].length;
  const words: string[] = [];
  for (let index = 0; index < Number(count[1]); index += 1) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return undefined;
    const from = at + size[0].length;
    const to = from + Number(size[1]);
    if (text.length < to + 2) return undefined;
    words.push(text.slice(from, to));
    at = to + 2;
  }
  return { words, rest: text.slice(at) };
}
