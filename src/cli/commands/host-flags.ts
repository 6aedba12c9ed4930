import type { Manifest } from "../module/manifest.ts";
import { engineChoices, imagesChoices, progressChoices, type HostCommandName } from "./invocation.ts";

export const explainFormats = ["tree", "mermaid", "json"] as const;

/** A flag of a host command or of the command line itself. */
export interface HostFlag {
  readonly name: string;
  readonly short?: string;
  /** Absent for a switch. */
  readonly placeholder?: string;
  readonly choices?: readonly string[];
  readonly whole?: boolean;
  /** Each that was given is kept, for who has to refuse a second one. */
  readonly isCollected?: boolean;
  readonly description: string;
  readonly defaultText?: string;
  readonly required?: boolean;
}

/** Taken by every command, before or after its name. */
export const commonFlags: readonly HostFlag[] = [
  {
    name: "engine",
    placeholder: engineChoices.join(","),
    choices: engineChoices,
    description: "Where steps run: a Dagger engine, or the embedded one, which needs nothing but Node",
    defaultText: "auto",
  },
  {
    name: "images",
    placeholder: imagesChoices.join(","),
    choices: imagesChoices,
    description:
      "The embedded engine's images: pulled, this machine's programs instead, or pulled from registries on this machine only",
    defaultText: "auto",
  },
  {
    name: "module",
    short: "m",
    placeholder: "path",
    description: "The directory of the module whose functions to call",
  },
  {
    name: "progress",
    placeholder: progressChoices.join(","),
    choices: progressChoices,
    description: "How to show what is happening, on stderr",
    defaultText: "auto",
  },
  { name: "json", description: "Print the answer, or the error, as JSON; the same as --format json" },
];

/** Taken by every function, after its name. */
export const functionFlags: readonly HostFlag[] = [
  {
    name: "output",
    short: "o",
    placeholder: "path",
    isCollected: true,
    description:
      "Write the answer to this file, in the --format that it takes by its ending (.md, .html, .sarif, .xml, .txt), else as JSON; export a Container, Directory or File there",
  },
  { name: "out", placeholder: "path", isCollected: true, description: "The same as --output" },
];

export interface HostCommand {
  readonly name: HostCommandName;
  readonly summary: string;
  /** The one word that it takes, and must be given. */
  readonly operand?: string;
  readonly operandOptional?: boolean;
  /** It takes any number of them. */
  readonly operandMany?: true;
  readonly flags: readonly HostFlag[];
}

/** The closed list of commands that are no functions of the module. `call` is the other one: see program.ts. */
export const hostCommands: readonly HostCommand[] = [
  {
    name: "init",
    summary:
      "Write fairway.yaml from what this repository holds, and add what running it needs to package.json",
    flags: [
      { name: "module", description: "Write a module of your own in ci/ instead, in TypeScript" },
      { name: "dry-run", description: "Show what would be written; write nothing" },
    ],
  },
  {
    name: "doctor",
    summary: "Say what this machine can run, and what is wrong in the repository",
    flags: [],
  },
  {
    name: "approve",
    summary: "Sign a plan with your SSH key, and write that into the ledger",
    operand: "plan",
    flags: [
      {
        name: "confirm",
        description: "Say that you have looked at what the plan's checklist has to be confirmed for",
      },
      { name: "reject", description: "Say no: the plan cannot be applied any more" },
      { name: "reason", placeholder: "string", description: "One line for those who read it later" },
      {
        name: "hours",
        placeholder: "int",
        whole: true,
        description: "How long the approval is good",
        defaultText: "24",
      },
      {
        name: "key",
        placeholder: "path",
        description: "The key to sign with; by default git's user.signingkey, or the first in ~/.ssh",
      },
      {
        name: "secrets",
        placeholder: "Secret",
        description: "What the ledger is reached with, e.g. file:.env.ledger",
      },
    ],
  },
  {
    name: "logs",
    summary: "Show what the replicas of an environment print: those that run, or else the last ones",
    flags: [
      { name: "env", placeholder: "string", description: "The environment", required: true },
      { name: "service", placeholder: "string", description: "Only this service" },
      {
        name: "replica",
        placeholder: "int",
        whole: true,
        description: "Only this replica, as `status` numbers them: 1 is the first",
      },
      {
        name: "release",
        placeholder: "string",
        description: "Only replicas of this version, also those that ended, e.g. 4f2a9c1",
      },
      {
        name: "lines",
        placeholder: "int",
        whole: true,
        description: "How many lines of each replica",
        defaultText: "100",
      },
      { name: "follow", short: "f", description: "Go on as new lines come; end with Ctrl-C" },
    ],
  },
  {
    name: "metrics",
    summary: "Print what the proxies of an environment count, by release, as Prometheus text",
    flags: [{ name: "env", placeholder: "string", description: "The environment", required: true }],
  },
  {
    name: "cache",
    summary: "Say what the cache of steps and layers holds, and where; `fairway cache prune` makes room",
    operand: "action",
    operandOptional: true,
    flags: [
      {
        name: "all",
        description: "With prune: all that nothing running uses, not only what is over the limit",
      },
      {
        name: "older-than",
        placeholder: "age",
        description: "With prune: all that was not used for so long, e.g. 7d, 12h or 30m",
      },
    ],
  },
  {
    name: "simulate",
    summary: "Carry out a scenario on a virtual clock, and say whether what it expects holds",
    operand: "scenario",
    flags: [],
  },
  {
    name: "explain",
    summary: "Show what a function would run and change, in what and after what; does none of it",
    operand: "function",
    flags: [
      {
        name: "answers",
        placeholder: "path",
        description: "A YAML file with what steps answer; else each answers nothing, and success",
      },
      {
        name: "format",
        placeholder: explainFormats.join(","),
        choices: explainFormats,
        description: "A tree for people, a Mermaid graph, or JSON",
        defaultText: "tree",
      },
    ],
  },
  {
    name: "functions",
    summary: "List the functions of the module, or of what a function of it answers",
    ...{ operand: "function", operandOptional: true, operandMany: true, flags: [] },
  },
  {
    name: "check",
    summary: "Run the checks of the module, all or those that are named; -l lists them",
    ...{ operand: "check", operandOptional: true, operandMany: true, flags: [listFlag("checks")] },
  },
  {
    name: "generate",
    summary: "Show what the generators of the module would change in this repository; -y writes it",
    ...{ operand: "generator", operandOptional: true, operandMany: true },
    flags: [
      listFlag("generators"),
      { name: "auto-apply", short: "y", description: "Write the changes, without asking" },
    ],
  },
  {
    name: "run",
    summary: "Run a program in a session of the engine: fairway run -- node script.mjs",
    ...{ operand: "program", operandMany: true, flags: [] },
  },
];

/** Also taken by a module's own function `check`. */
export function listFlag(what: string): HostFlag {
  return { name: "list", short: "l", description: `List the ${what}; run none` };
}

export const callSummary = "Call a function, also one that is named like a command";

/** A module's function of the name of `check` or `generate` is the command; `call` and the others keep theirs. */
export function hostCommandsFor(manifest: Manifest): readonly HostCommand[] {
  const functions = manifest.objects[manifest.main]?.functions ?? [];
  return hostCommands.filter(
    ({ name }) => !["check", "generate"].includes(name) || !functions.some((one) => one.name === name),
  );
}
