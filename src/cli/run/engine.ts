import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { failure } from "../../model/errors.ts";
import type { EngineChoice, FunctionCall } from "../commands/invocation.ts";
import type { Project } from "./project.ts";

/** Which engine a call uses, and why, for one line of progress. */
export interface ChosenEngine {
  readonly kind: "embedded" | "dagger";
  readonly because: string;
  /** The dagger program that makes a session; undefined where a session is there, or the SDK has to find one. */
  readonly program?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Decides, and never takes another engine than the one that was asked for. */
export function chooseEngine(
  choice: EngineChoice,
  call: FunctionCall,
  project: Project,
  variables: Variables,
): ChosenEngine {
  return chooseEngineFor(choice, environmentOf(call), project, variables);
}

/** The same for what is no call of a function. */
export function chooseEngineFor(
  choice: EngineChoice,
  environment: CalledEnvironment,
  project: Project,
  variables: Variables,
): ChosenEngine {
  switch (choice) {
    case "embedded":
      return { kind: "embedded", because: "as --engine asks" };
    case "dagger":
      return daggerEngine("as --engine asks", variables);
    case "auto":
      return automatic(environment, project, variables);
  }
}

function automatic(environment: CalledEnvironment, project: Project, variables: Variables): ChosenEngine {
  if (targetsThisMachine(environment, project)) return { kind: "embedded", because: "for a local target" };
  if (variables["DAGGER_SESSION_PORT"])
    return { kind: "dagger", because: "the session in DAGGER_SESSION_PORT" };
  const program = programInPath("dagger", variables);
  if (program === undefined) return { kind: "embedded", because: "no Dagger engine was found" };
  if (!answers(program)) return { kind: "embedded", because: `${program} has no engine that answers` };
  return { kind: "dagger", because: `the engine of ${program}`, program };
}

function daggerEngine(because: string, variables: Variables): ChosenEngine {
  if (variables["DAGGER_SESSION_PORT"]) {
    if (variables["DAGGER_SESSION_TOKEN"]) return { kind: "dagger", because };
    throw failure("DAGGER_SESSION_PORT is set, DAGGER_SESSION_TOKEN is not", {
      code: "SESSION_TOKEN",
      remedy: "run it as a whole: dagger run npx fairway ...",
    });
  }
  const program = programInPath("dagger", variables);
  return program === undefined ? { kind: "dagger", because } : { kind: "dagger", because, program };
}

/** The environment that a call is about: one, `all` of them where it may be left out and is, or none. */
type CalledEnvironment = { readonly name: string } | "all" | undefined;

function environmentOf({ values, definition }: FunctionCall): CalledEnvironment {
  // `promote --from staging --to production` changes the latter.
  const argument = definition.arguments.find(({ name }) => name === "env" || name === "to");
  const name = values["env"] ?? values["to"] ?? argument?.defaultValue;
  if (typeof name === "string" && name !== "") return { name };
  return argument === undefined ? undefined : "all";
}

/**
 * True when the target of the environment, or of one of all, is `local`: a real engine does not reach this machine's
 * registry. Only looks; a fairway.yaml that is wrong is told by the function that reads it.
 */
function targetsThisMachine(environment: CalledEnvironment, project: Project): boolean {
  if (environment === undefined) return false;
  const file = join(project.repository, "fairway.yaml");
  if (!existsSync(file)) return environment !== "all" && environment.name === "local";
  const local = localTargets(readFileSync(file, "utf8"));
  return environment === "all" ? local.size > 0 : local.has(environment.name);
}

/** Names of the environments whose target is local, by their indentation: no parser is loaded for a glance. */
function localTargets(yaml: string): ReadonlySet<string> {
  const found = new Set<string>();
  let name = "";
  let inside = false;
  for (const line of yaml.split("\n")) {
    if (/^\S/.test(line) && !line.startsWith("#")) inside = /^environments:/.test(line);
    if (!inside) continue;
    const [, environment] = /^ {2}([\w-]+):/.exec(line) ?? [];
    if (environment !== undefined) name = environment;
    if (/[\s{]target:\s*["']?local\b/.test(line)) found.add(name);
  }
  return found;
}

export function programInPath(name: string, variables: Variables): string | undefined {
  const places = (variables["PATH"] ?? "").split(delimiter).filter((directory) => directory !== "");
  return places.map((directory) => join(directory, name)).find((file) => existsSync(file));
}

/** Asks the engine itself: a CLI without Docker, or with an engine that is down, is no engine. */
function answers(program: string): boolean {
  const { status } = spawnSync(program, ["core", "version"], { stdio: "ignore", timeout: 20_000 });
  return status === 0;
}
