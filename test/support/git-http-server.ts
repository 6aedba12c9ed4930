import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";

/**
 * What happens to one request: it is answered; or the connection is cut before the server has it, while it is being sent, after
 * the server did it, or in the middle of its answer. `late`: it is cut at once, and the server does it a while after that.
 */
export type RequestFate =
  "answer" | "cut before" | "cut while sending" | "cut after" | "cut answer" | "late" | number;

export interface GitRequest {
  readonly method: string;
  /** `/manifests.git/git-receive-pack` */
  readonly path: string;
  /** `?service=git-receive-pack` */
  readonly query: string;
  readonly body: Buffer;
}

export interface GitHttpServer extends AsyncDisposable {
  /** Of a bare repository in it. */
  url(name: string): string;
  /** A new bare repository whose default branch is `main`; answers its directory. */
  create(name: string, config?: Readonly<Record<string, string>>): string;
  /** Asked for every request; a number is the status that it is refused with. */
  fate: (request: GitRequest) => RequestFate | Promise<RequestFate>;
  readonly requests: GitRequest[];
  /** How far its clock, which is the Date of its answers, is ahead of this machine's; null: it tells none. */
  aheadSeconds: number | null;
  /** Cuts all connections and takes no new ones, until it starts again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const lateMs = 300;

/** Why there is no such server here; undefined where there is. */
export function gitServerMissing(): string | undefined {
  try {
    const path = join(git(tmpdir(), "--exec-path"), "git-http-backend");
    return existsSync(path) ? undefined : "git http-backend is not installed";
  } catch {
    return "git is not installed";
  }
}

/** Runs git as a person would, free of the machine's own configuration; answers what it printed. */
export function git(directory: string, ...args: readonly string[]): string {
  const person = { NAME: "Grace", EMAIL: "grace@example.com" };
  return execFileSync("git", args, {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: tmpdir(),
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_AUTHOR_NAME: person.NAME,
      GIT_AUTHOR_EMAIL: person.EMAIL,
      GIT_COMMITTER_NAME: person.NAME,
      GIT_COMMITTER_EMAIL: person.EMAIL,
    },
  }).trim();
}

/** Git's own HTTP backend behind a loopback address, open to those who have the token as their password. */
export async function startGitServer(token = "the-token-of-git"): Promise<GitHttpServer> {
  const root = await mkdtemp(join(tmpdir(), "fairway-git-server-"));
  const running = new Set<Promise<unknown>>();
  const http = createServer((request, response) => {
    const work = answer(request, response).catch(() => response.destroy());
    running.add(work);
    void work.finally(() => running.delete(work));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://git");
    response.sendDate = false;
    if (server.aheadSeconds !== null) {
      const now = new Date(Date.now() + server.aheadSeconds * 1000);
      response.setHeader("date", now.toUTCString());
    }
    const cutEarly = await server.fate(asked(request, url, Buffer.alloc(0)));
    if (cutEarly === "cut while sending") {
      request.once("data", () => request.destroy());
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const whole = asked(request, url, Buffer.concat(chunks));
    server.requests.push(whole);
    if (typeof cutEarly === "number") return void response.writeHead(cutEarly).end("the server says no");
    if (cutEarly === "cut before") return void response.destroy();
    if (cutEarly === "late") {
      response.destroy();
      await new Promise((resolve) => setTimeout(resolve, lateMs));
    }
    if (password(request) !== token)
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end("who are you?");
    const { status, headers, body } = await backend(root, request, url, whole.body);
    if (cutEarly === "cut after" || cutEarly === "late") return void response.destroy();
    response.writeHead(status, { ...headers, "content-length": String(body.length) });
    if (cutEarly !== "cut answer") return void response.end(body);
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  }

  let port = 0;
  const start = async () => {
    http.listen(port, "127.0.0.1");
    await once(http, "listening");
    port = (http.address() as { port: number }).port;
  };
  const stop = async () => {
    const closed = http.listening ? once(http, "close") : undefined;
    http.close();
    http.closeAllConnections();
    await closed;
    await Promise.all(running);
  };
  await start();
  const server: GitHttpServer = {
    url: (name) => `http://127.0.0.1:${port}/${name}.git`,
    create: (name, config = {}) => {
      const directory = join(root, `${name}.git`);
      git(root, "init", "--quiet", "--bare", "--initial-branch=main", directory);
      const settings = Object.entries({ "receive.autogc": "false", ...config });
      const lines = settings.map(([key, value]) => `[${key.replace(".", "]\n")} = ${value}\n`);
      appendFileSync(join(directory, "config"), lines.join(""));
      return directory;
    },
    fate: () => "answer",
    requests: [],
    aheadSeconds: 0,
    start,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(root, { recursive: true, force: true });
    },
  };
  return server;
}

function asked(request: IncomingMessage, url: URL, body: Buffer): GitRequest {
  return { method: request.method ?? "", path: url.pathname, query: url.search, body };
}

function password(request: IncomingMessage): string | undefined {
  const [scheme, value] = (request.headers.authorization ?? "").split(" ");
  return scheme === "Basic"
    ? Buffer.from(value ?? "", "base64")
        .toString()
        .split(":")[1]
    : undefined;
}

/** Git's own HTTP backend for the repositories in this directory, open to everybody. */
export function gitBackend(root: string): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? "/", "http://git");
    buffer(request)
      .then((body) => backend(root, request, url, body))
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch(() => response.destroy());
  };
}

/** One request through CGI. */
async function backend(root: string, request: IncomingMessage, url: URL, body: Buffer) {
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: root,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_USER: "somebody",
      REMOTE_ADDR: "127.0.0.1",
    },
  });
  const said = text(child.stderr);
  child.stdin.on("error", () => undefined);
  child.stdin.end(body);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const all = Buffer.concat(chunks);
  const end = all.indexOf("\r\n\r\n");
  if (end === -1) return { status: 500, headers: {}, body: Buffer.from(await said) };
  const lines = all.subarray(0, end).toString().split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.split(": ")[0]!.toLowerCase(), line.split(": ").slice(1).join(": ")]),
  );
  const { status = "200", ...others } = headers;
  return { status: Number.parseInt(status, 10), headers: others, body: all.subarray(end + 4) };
}
