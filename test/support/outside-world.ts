import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { rootCertificates, TLSSocket } from "node:tls";

/** Why nothing can stand for the world outside here; undefined where it can. */
export const noOutsideWorld =
  spawnSync("openssl", ["version"]).status !== 0
    ? "openssl, which makes certificates, is not installed"
    : (process.env["HTTPS_PROXY"] ?? process.env["https_proxy"]) !== undefined
      ? "this machine reaches its network by a proxy, whose place the test would take"
      : undefined;

export interface OutsideWorld extends AsyncDisposable {
  /** Of a process that sees this world instead of the real one: a company's proxy, and its certificate. */
  readonly variables: Readonly<Record<string, string>>;
  /** `POST api.osv.dev/v1/querybatch`, in the order in which they came. */
  readonly asked: string[];
  /** Hosts that were called and are not of this world, each once. */
  readonly refused: Set<string>;
}

/**
 * A proxy on loopback that answers for the hosts it is given, with a certificate of its own, as companies have them that look
 * into what leaves. Other hosts are refused; those that `through` matches are passed on.
 */
export async function outsideWorld(
  hosts: Readonly<Record<string, RequestListener>>,
  { through = /^$/ }: { readonly through?: RegExp } = {},
): Promise<OutsideWorld> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-outside-"));
  const identity = await certificateOf(Object.keys(hosts), directory);
  const bundle = join(directory, "bundle.pem");
  await writeFile(bundle, [...rootCertificates, identity.cert].join("\n"));
  const asked: string[] = [];
  const refused = new Set<string>();
  const sockets = new Set<Duplex>();
  const inner = new Server((request, response) => {
    const host = (request.headers.host ?? "").replace(/:443$/, "");
    asked.push(`${request.method ?? ""} ${host}${request.url ?? ""}`);
    const answer = hosts[host];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
  const proxy = createServer((_, response) => response.writeHead(502).end());
  proxy.on("connect", (request, socket: Duplex) => {
    const [host = "", port = "443"] = (request.url ?? "").split(":");
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    if (host in hosts) {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      const secure = new TLSSocket(socket, { isServer: true, ...identity });
      secure.on("error", () => secure.destroy());
      inner.emit("connection", secure);
    } else if (through.test(host)) {
      const onward = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      onward.on("error", () => socket.destroy());
    } else {
      refused.add(host);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const url = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
  return {
    variables: { HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: "127.0.0.1,localhost", SSL_CERT_FILE: bundle },
    asked,
    refused,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, "close");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function certificateOf(hosts: readonly string[], directory: string) {
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const { status, stderr } = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=outside.example"],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ...(hosts.length === 0
      ? []
      : ["-addext", `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}`]),
  ]);
  if (status !== 0) throw new Error(stderr.toString());
  return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
}
