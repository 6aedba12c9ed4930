import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Headers of one connection, not of the message (RFC 9110 section 7.6.1); `Connection` may name more. */
const hopByHop = ["connection", "keep-alive", "proxy-connection", "te"];

/** Makes a client's request fit to be sent on: no headers of its connection, X-Forwarded-* about where it came from. */
export function prepareRequest(request: IncomingMessage, upgrade: boolean): void {
  const { headers } = request;
  addForwarded(request);
  // Node has already said `100 Continue` to the client.
  delete headers.expect;
  if (request.url?.startsWith("/") === false && URL.canParse(request.url)) {
    const url = new URL(request.url);
    request.url = `${url.pathname}${url.search}`;
  }
  removeHopByHop(headers);
  if (upgrade) headers.connection = "upgrade";
  else delete headers.upgrade;
}

/** Makes a replica's answer fit for the client's own connection, which goes on whatever the replica says. */
export function prepareResponse(
  headers: IncomingHttpHeaders,
  client: { readonly keepAlive: boolean; readonly keepAliveSeconds: number },
): void {
  removeHopByHop(headers);
  headers.connection = client.keepAlive ? "keep-alive" : "close";
  if (client.keepAlive) headers["keep-alive"] = `timeout=${String(client.keepAliveSeconds)}`;
}

function removeHopByHop(headers: IncomingHttpHeaders): void {
  const named = (headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  for (const name of [...hopByHop, ...named]) {
    if (name !== "upgrade" && name !== "transfer-encoding") Reflect.deleteProperty(headers, name);
  }
}

/** Appends to what a proxy in front of this one said. */
function addForwarded(request: IncomingMessage): void {
  const { headers, socket } = request;
  const before = headers["x-forwarded-for"];
  const client = socket.remoteAddress ?? "unknown";
  headers["x-forwarded-for"] = before === undefined ? client : `${String(before)}, ${client}`;
  headers["x-forwarded-host"] ??= headers.host ?? "";
  headers["x-forwarded-proto"] ??= "http";
  headers["x-forwarded-port"] ??= String(socket.localPort ?? "");
}
