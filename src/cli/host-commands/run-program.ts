import { spawn } from "node:child_process";
import { constants } from "node:os";
import { usageError } from "../../model/errors.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import { openView } from "../progress/view.ts";
import { chooseEngineFor } from "../run/engine.ts";
import { projectOf } from "../run/project.ts";
import { hostRooms, openSession } from "../run/session.ts";
import { cacheLimitBytes, tidyCache } from "../run/tidy.ts";
import type { HostCommandContext } from "./host-commands.ts";

/**
 * `fairway run -- node script.mjs`: any program, in a session of the engine that ends with it. Its exit code is ours,
 * and 128 and the signal's number where a signal ended it.
 */
export async function runProgram(
  call: HostCommandCall,
  { places, terminal }: HostCommandContext,
): Promise<number> {
  const [program = "", ...words] = call.values["program"] as readonly string[];
  const project = projectOf(undefined, places);
  const limitBytes = cacheLimitBytes(process.env);
  const engine = chooseEngineFor(call.options.engine, undefined, project, process.env);
  const session = engine.kind === "dagger" && !process.env["DAGGER_SESSION_PORT"];
  // Its own program makes the session of a real engine, and ends it.
  if (session) return start(engine.program ?? "dagger", ["run", program, ...words]);
  const rooms = hostRooms(places);
  const choice = call.options.progress === "auto" ? "plain" : call.options.progress;
  const view = openView(choice, terminal);
  view.headline("run", engine);
  // The program's relative paths are those of where it was started, as with `dagger run`.
  const { workdir } = places;
  const opened = await openSession(engine, workdir, rooms, call.options.images, view.onEngineEvent);
  try {
    return await start(program, words);
  } finally {
    await opened.close();
    view.end();
    if (engine.kind === "embedded") {
      const { store } = await rooms();
      await tidyCache(store, limitBytes, new Date(), (text) => view.progress.note(text));
    }
  }
}

const passed = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

async function start(program: string, words: readonly string[]): Promise<number> {
  const child = spawn(program, words, { stdio: "inherit" });
  const forward = (signal: NodeJS.Signals) => {
    // A terminal's Ctrl-C goes to all of its programs: once is enough.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of passed) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) => {
        reject(notStarted(program, error));
      });
      child.once("close", (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    for (const signal of passed) process.off(signal, forward);
  }
}

function notStarted(program: string, error: NodeJS.ErrnoException): Error {
  const why = error.code === "ENOENT" ? "there is no such program" : error.message;
  return usageError(`${program} cannot be started: ${why}`, {
    code: "PROGRAM_MISSING",
    remedy: "npx fairway run -- node script.mjs",
    cause: error,
  });
}
