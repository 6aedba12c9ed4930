import type { FunctionDefinition } from "../module/manifest.ts";

/** What the words of a command line ask for. */
export type Invocation = { readonly kind: "print"; readonly text: string } | HostCommandCall | FunctionCall;

export interface HostCommandCall {
  readonly kind: "host";
  readonly name: HostCommandName;
  readonly values: Readonly<Record<string, unknown>>;
  /** For a command that calls functions: flags of the module's constructor. */
  readonly constructorValues: Readonly<Record<string, unknown>>;
  readonly options: HostOptions;
  /** The call that is to be explained. */
  readonly call?: FunctionCall;
}

/** A function of what the one before it answered. */
export interface Link {
  readonly definition: FunctionDefinition;
  /** The type whose function it is; undefined where that has none. */
  readonly of: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface FunctionCall {
  readonly kind: "function";
  readonly definition: FunctionDefinition;
  /** By the argument's own name; what was not given is not there. */
  readonly constructorValues: Readonly<Record<string, unknown>>;
  readonly values: Readonly<Record<string, unknown>>;
  /** Words after the function: functions of what it answers. */
  readonly chain: readonly string[];
  /** The same words, understood. */
  readonly links: readonly Link[];
  readonly options: HostOptions;
}

/** Flags of the command line itself, which every command takes. */
export interface HostOptions {
  readonly engine: EngineChoice;
  /** Where the embedded engine takes images from. */
  readonly images: ImagesChoice;
  readonly progress: ProgressChoice;
  /** True for `--json`, and where a function is asked for `--format json`. */
  readonly json: boolean;
  /** The file that the answer goes to; undefined for stdout. */
  readonly out?: string | undefined;
}

export const engineChoices = ["auto", "dagger", "embedded"] as const;
export type EngineChoice = (typeof engineChoices)[number];

export const imagesChoices = ["auto", "pull", "host"] as const;
export type ImagesChoice = (typeof imagesChoices)[number];

export const progressChoices = ["auto", "tree", "plain", "none"] as const;
export type ProgressChoice = (typeof progressChoices)[number];

export const hostCommandNames = [
  "init",
  "doctor",
  "approve",
  "logs",
  "metrics",
  "cache",
  "simulate",
  "explain",
  "functions",
  "check",
  "generate",
  "run",
] as const;

/** Those that are about the repository's own module. */
export const moduleCommandNames: readonly string[] = ["functions", "explain", "check", "generate"];

export type HostCommandName = (typeof hostCommandNames)[number];
