import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Json } from "../../../model/canonical-json.ts";
import { isFairwayError } from "../../../model/errors.ts";
import type { Environment, Report } from "./environment.ts";
import type {
  AbortRequest,
  AnswerLine,
  ApplyRequest,
  BackupTask,
  ErrorOnTheWire,
  MaintenanceTask,
  ObserveRequest,
  PrepareRequest,
  RestoreTask,
  StopRequest,
} from "./protocol.ts";

/** Answers the CLI on a socket that only this user can open. `onStopped` is called when a stop has succeeded and was answered. */
export async function serveControl(
  environment: Environment,
  socket: string,
  onStopped: () => void,
): Promise<Server> {
  const running = new Map<string, AbortController>();
  /** Work that can be told to stop by its operation's id. */
  const abortable = async <T>(id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      return await work(abort.signal);
    } finally {
      running.delete(id);
    }
  };
  const routes: Record<string, (body: unknown, report: Report) => Promise<unknown>> = {
    "/observe": (body) => Promise.resolve(environment.snapshot((body as ObserveRequest).secrets)),
    "/prepare": (body, report) => environment.prepare(body as PrepareRequest, report),
    "/apply": (body, report) => {
      const request = body as ApplyRequest;
      return abortable(request.operationId, (signal) => environment.apply(request, report, signal));
    },
    "/backup": (body, report) => {
      const task = body as BackupTask;
      return abortable(task.operationId, (signal) => environment.backUp(task, report, signal));
    },
    "/restore": (body, report) => {
      const task = body as RestoreTask;
      return abortable(task.operationId, (signal) => environment.restore(task, report, signal));
    },
    "/maintenance": (body, report) => {
      const task = body as MaintenanceTask;
      return abortable(task.operationId, (signal) => environment.maintain(task, report, signal));
    },
    "/abort": (body) => {
      running.get((body as AbortRequest).operationId)?.abort();
      return Promise.resolve(null);
    },
    "/stop": async (body, report) => {
      await environment.stop(body as StopRequest, report);
      return null;
    },
  };
  const server = createServer((request, response) => {
    const route = routes[request.url ?? ""];
    if (request.method === "GET" && request.url === "/snapshot")
      return void sendJson(response, environment.snapshot());
    if (request.method === "GET" && request.url === "/metrics")
      return void sendText(response, environment.metrics());
    if (request.method === "GET" && request.url === "/traffic")
      return void sendJson(response, environment.traffic());
    if (request.method !== "POST" || route === undefined) return void response.writeHead(404).end();
    void answer(request, response, route).then((succeeded) => {
      if (request.url !== "/stop" || !succeeded) return;
      // Who asked may have died meanwhile: then there is no close to wait for.
      if (response.destroyed) onStopped();
      else response.once("close", onStopped);
    });
  });
  makePrivateDirectory(dirname(socket));
  rmSync(socket, { force: true });
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(socket, resolve);
    });
  } finally {
    process.umask(mask);
  }
  chmodSync(socket, 0o600);
  return server;
}

/**
 * The work goes on when the one who asked is gone: what was begun is finished, and can be observed. False when it
 * was refused or failed.
 */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  route: (body: unknown, report: Report) => Promise<unknown>,
): Promise<boolean> {
  let succeeded = false;
  const write = (line: AnswerLine) => {
    if (!response.destroyed) response.write(`${JSON.stringify(line)}\n`);
  };
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.flushHeaders();
    const result = (await route(body, (line) => {
      write({ report: line });
    })) as Json;
    succeeded = true;
    write({ result });
  } catch (error) {
    write({ error: toWire(error) });
  }
  response.end();
  return succeeded;
}

/** Below /tmp somebody else may have made it before. */
function makePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(directory);
  if (uid !== process.getuid?.()) throw new Error(`${directory} belongs to another user (${String(uid)})`);
  chmodSync(directory, 0o700);
}

function toWire(error: unknown): ErrorOnTheWire {
  if (!isFairwayError(error)) return { message: error instanceof Error ? error.message : String(error) };
  const { message, code, exitCode, place, remedy, output } = error;
  return { message, code, exitCode, place, remedy, output };
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function sendText(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(text);
}
