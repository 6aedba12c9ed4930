import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { EngineChoice, FunctionCall } from "../commands/invocation.ts";
import { mainObject } from "../module/manifest.ts";
import type { PipelineModule } from "../module/module.ts";
import { packageVersion, type Places } from "../places.ts";
import type { Terminal } from "../terminal.ts";
import { programInPath } from "./engine.ts";
import { type LeftOut, type Listing, listingOf } from "./listing.ts";
import { machineTools } from "./machine.ts";
import { projectOf } from "./project.ts";

/** What a check answered when it last ran nothing, and nothing has changed since. */
export interface Remembered {
  readonly text: string;
  /** When it was answered, RFC 3339. */
  readonly at: string;
}

/** Where the answer to one command line is kept, and what it was of. */
export interface Memory {
  recall(): Promise<Remembered | undefined>;
  /** Keeps an answer that was of the source alone, unless a file has changed since the command began. */
  keep(text: string): Promise<void>;
}

/**
 * `fairway check` with nothing changed is answered without an engine, as its steps would be: by what was found out before. Only the
 * stock module's check, and only until the day (UTC) is over, on which exceptions expire and advisories are read again.
 * Undefined for every other call, and where the source cannot be listed.
 */
export function memoryOf(
  call: FunctionCall,
  { module, places }: { readonly module: PipelineModule; readonly places: Places },
  variables: NodeJS.ProcessEnv,
  now: Date,
): Memory | undefined {
  const leftOut = ignoredDirectories(module);
  if (leftOut === undefined || !isPlainCheck(call, module, variables)) return undefined;
  const { repository } = projectOf(undefined, places);
  const list = () => listingOf(repository, leftOut);
  const atStart = orUndefined(list);
  if (atStart === undefined) return undefined;
  const { json, engine, images } = call.options;
  const key = keyOf([call.values, json, engine, images, repository], places, variables, now);
  const file = join(answersIn(places), `${key}.json`);
  return {
    recall: async () => {
      const kept = await readKept(file);
      return kept?.listing === atStart.hash ? kept : undefined;
    },
    keep: async (text) => {
      if (!isSettled(atStart, now) || orUndefined(list)?.hash !== atStart.hash) return;
      const fresh = `${file}.${String(process.pid)}`;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(fresh, JSON.stringify({ listing: atStart.hash, text, at: now.toISOString() }));
      await rename(fresh, file);
    },
  };
}

/** Whoever empties the cache wants to see everything run. */
export async function forgetAnswers(places: Places): Promise<void> {
  await rm(answersIn(places), { recursive: true, force: true });
}

function answersIn({ cache }: Places): string {
  return join(cache, "answers");
}

/** Says it again, and since when it is so. */
export function tellAgain({ text, at }: Remembered, { options }: FunctionCall, terminal: Terminal): void {
  const { bold, faint } = terminal.colours;
  const since = `nothing has changed since ${new Date(at).toTimeString().slice(0, 8)}, when all of it had passed`;
  if (options.progress !== "none") terminal.notes.write(`${bold("fairway check")} ${faint(since)}\n`);
  terminal.out(text);
}

interface Kept extends Remembered {
  readonly listing: string;
}

/** Undefined also for one that was cut off. */
async function readKept(file: string): Promise<Kept | undefined> {
  try {
    const { listing, text, at } = JSON.parse(await readFile(file, "utf8")) as Partial<Kept>;
    return listing === undefined || text === undefined || at === undefined
      ? undefined
      : { listing, text, at };
  } catch {
    return undefined;
  }
}

/** A file that was changed a moment before could be changed again without another time. */
function isSettled({ changedMs }: Listing, now: Date): boolean {
  return changedMs < now.getTime() - 1_000;
}

/** With nothing that says more than the source does: no secrets, no ref, no base. */
function isPlainCheck(call: FunctionCall, { kind }: PipelineModule, variables: NodeJS.ProcessEnv): boolean {
  const { definition, constructorValues, values, links, options } = call;
  return (
    kind === "stock" &&
    definition.name === "check" &&
    Object.keys(constructorValues).length === 0 &&
    Object.keys(values).every((name) => name === "only" || name === "format") &&
    links.length === 0 &&
    options.out === undefined &&
    isEmbedded(options.engine, variables)
  );
}

/** True where no look at a Dagger engine is needed to tell. */
function isEmbedded(choice: EngineChoice, variables: NodeJS.ProcessEnv): boolean {
  if (choice !== "auto") return choice === "embedded";
  return !variables["DAGGER_SESSION_PORT"] && programInPath("dagger", variables) === undefined;
}

/** The directories that `source` leaves out; undefined where that is said otherwise than by a name or a path. */
function ignoredDirectories({ manifest }: PipelineModule): LeftOut | undefined {
  const source = mainObject(manifest).constructorArguments.find(({ name }) => name === "source");
  const patterns = source?.ignore ?? [];
  const known = patterns.map((pattern) => /^(\*\*\/)?([\w.-]+(?:\/[\w.-]+)*)$/.exec(pattern));
  if (known.includes(null)) return undefined;
  return {
    names: new Set(known.flatMap((match) => (match?.[1] === undefined ? [] : [match[2] ?? ""]))),
    paths: new Set(known.flatMap((match) => (match?.[1] === undefined ? [match?.[2] ?? ""] : []))),
  };
}

/** Another Fairway, or other tools of this machine, may find out something else. */
function keyOf(words: readonly unknown[], places: Places, variables: NodeJS.ProcessEnv, now: Date): string {
  const relevant = Object.entries(variables).filter(([name]) =>
    /^(PATH|HOME|XDG_\w+|TZ|LANG|LC_\w+|npm_config_\w+|npm_execpath|RUSTUP_\w+|NODE_\w+|FAIRWAY_\w+|_?\w*DAGGER_\w+|CI)$/i.test(
      name,
    ),
  );
  const home = variables["HOME"] ?? homedir();
  const manifest = statSync(join(places.package, "dist/manifest.json"), { throwIfNoEntry: false });
  const parts = [
    ...words,
    packageVersion(places),
    process.version,
    process.getuid?.() ?? null,
    now.toISOString().slice(0, 10),
    relevant.sort(),
    manifest === undefined ? null : [manifest.size, manifest.mtimeMs, manifest.ino],
    machineTools(variables, home),
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    // Files come and go while others work: then nothing is remembered.
    return undefined;
  }
}
