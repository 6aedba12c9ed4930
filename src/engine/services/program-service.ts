import { setTimeout as sleep } from "node:timers/promises";
import { SandboxStartError, type RunningSandbox, type SandboxExit } from "../../host/sandbox/sandbox.ts";
import { Output } from "../container/output.ts";
import { prepare, requirePlatform, type Prepared } from "../container/prepare.ts";
import { display } from "../container/steps.ts";
import { EngineError, StepError } from "../errors.ts";
import { scrub } from "../scrub.ts";
import type { Session } from "../session.ts";
import { answers, checkPorts, ownAddress } from "./addresses.ts";
import type { ProgramDefinition } from "./definition.ts";
import { Exited, type RunningService } from "./running.ts";

const graceMs = 10_000;

/** Starts a container's program as a service and waits until its ports take connections. What it writes is thrown away. */
export async function startProgram(session: Session, definition: ProgramDefinition): Promise<RunningService> {
  const { container, args, ports } = definition;
  requirePlatform(session, container);
  const prepared = await prepare(session, container, args);
  const began = Date.now();
  const id = session.events.nextId();
  const output = new Output(session.events, id, prepared.secrets, [
    ...prepared.secrets,
    ...session.longSecrets(),
  ]);
  try {
    await checkPorts(ports);
    const address = await ownAddress([]);
    const command = scrub(display(args), session.secretTexts);
    session.events.emit({ type: "started", id, command: `service: ${command}`, image: container.image });
    const running = await start(session, definition, prepared, address, output);
    const kill = () => void running.stop(0, "SIGKILL");
    session.signal.addEventListener("abort", kill, { once: true });
    const ended = running.exited.then(async (exit) => {
      const outcome = exit.exitCode === 0 || exit.exitCode >= 128 ? "done" : "failed";
      session.events.emit({
        type: "finished",
        id,
        outcome,
        exitCode: exit.exitCode,
        durationMs: Date.now() - began,
      });
      session.signal.removeEventListener("abort", kill);
      await prepared[Symbol.asyncDispose]();
      return exit;
    });
    await untilReady(definition, address, running, ended, output);
    return {
      address,
      ended,
      stop: async (kill) => {
        await running.stop(kill ? 0 : graceMs, kill ? "SIGKILL" : "SIGTERM");
        await ended;
      },
    };
  } catch (error) {
    await prepared[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(
  session: Session,
  { container, args, hostname }: ProgramDefinition,
  prepared: Prepared,
  address: string,
  output: Output,
): Promise<RunningSandbox> {
  const mounts = await Promise.all(prepared.mounts.map((mount) => mount.of(undefined)));
  try {
    return await session.sandbox.start({
      ...{ standIn: prepared.rootfs.standIn, stack: prepared.rootfs.stack, mounts, command: args },
      ...{ variables: prepared.variables, workdir: container.workdir || "/", user: container.user },
      hosts: { ...prepared.hosts, [hostname]: address },
      onOutput: (stream, chunk) => {
        output.write(stream, chunk);
      },
      onNote: (text) => {
        session.events.note(text);
      },
    });
  } catch (error) {
    if (!(error instanceof SandboxStartError)) throw error;
    throw new StepError(error.message, { cmd: args, exitCode: -1, stdout: "", stderr: "" });
  }
}

/** Resolves when all its TCP ports take connections; a service that ends before is its own error. */
async function untilReady(
  { ports, args }: ProgramDefinition,
  address: string,
  running: RunningSandbox,
  ended: Promise<SandboxExit>,
  output: Output,
): Promise<void> {
  const checked = ports.filter((port) => port.protocol === "TCP" && !port.experimentalSkipHealthcheck);
  const abandon = new AbortController();
  const open = Promise.all(checked.map(({ port }) => untilOpen(address, port, abandon.signal)));
  const exit = await Promise.race([open.then(() => undefined), ended]);
  abandon.abort();
  open.catch(() => undefined);
  if (exit === undefined) return;
  const { stdout, stderr } = output.end(exit.exitCode).result;
  await running.exited;
  if (exit.exitCode === 0) throw new Exited();
  throw new StepError(`exit code: ${String(exit.exitCode)}`, {
    cmd: args,
    exitCode: exit.exitCode,
    stdout,
    stderr,
  });
}

async function untilOpen(address: string, port: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 300_000;
  for (let wait = 10; !(await answers(address, port)); wait = Math.min(wait * 1.5, 250)) {
    if (Date.now() > deadline)
      throw new EngineError(`nothing listens on port ${String(port)} after five minutes`);
    await sleep(wait, undefined, { signal });
  }
}
