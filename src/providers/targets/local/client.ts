import { request, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { exitCodes, FairwayError, failure, type ExitCode } from "../../../model/errors.ts";
import type { AnswerLine, ErrorOnTheWire } from "./protocol.ts";

/** Asks the supervisor for something; its reports are handed on as they come. @throws what the supervisor threw */
export async function ask<T>(
  socket: string,
  path: string,
  body: unknown,
  report: (line: string) => void,
): Promise<T> {
  const response = await send(socket, path, body);
  for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
    const answer = JSON.parse(line) as AnswerLine;
    if ("report" in answer) report(answer.report);
    else if ("error" in answer) throw fromWire(answer.error);
    else return answer.result as T;
  }
  throw supervisorGone();
}

/** The body of a GET. */
export async function read(socket: string, path: string): Promise<string> {
  const response = await send(socket, path, undefined);
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

function send(socket: string, path: string, body: unknown): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({
      socketPath: socket,
      path,
      method: body === undefined ? "GET" : "POST",
      agent: false,
    });
    call.on("error", (error) => {
      reject(supervisorGone(error));
    });
    call.on("response", (response) => {
      response.on("error", () => undefined);
      resolve(response);
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function fromWire(error: ErrorOnTheWire): Error {
  const { message, code, exitCode, ...details } = error;
  if (code === undefined) return new Error(message);
  return new FairwayError(message, {
    ...details,
    code,
    exitCode: (exitCode ?? exitCodes.failed) as ExitCode,
  });
}

function supervisorGone(cause?: unknown): Error {
  return failure("the environment's supervisor ended before it answered", {
    code: "SUPERVISOR_GONE",
    remedy: "see what runs: fairway status",
    cause,
  });
}
