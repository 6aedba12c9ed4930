import type { Client, Container, Directory, Secret } from "@dagger.io/dagger";
import {
  type Config,
  loadConfig,
  registryOf,
  serviceSettings,
  type SoundConfig,
  soundConfig,
} from "../config/config.ts";
import type { Clock } from "../model/clock.ts";
import { systemClock } from "../model/clock.ts";
import { hostCapabilities } from "../model/host.ts";
import type { Ledger } from "../model/ledger.ts";
import type { ServiceRelease } from "../model/plan.ts";
import { silentProgress, type Progress } from "../model/progress.ts";
import type { Asker } from "../release/gates/may-answer.ts";
import type { Target } from "../model/target.ts";
import { openRegistry, registrySecretNames } from "../providers/registries/registries.ts";
import type { Registry } from "../model/registry.ts";
import { configFile, configMissing } from "./config-file.ts";
import { knownSecretNames, secretNames } from "./secret-names.ts";
import { ledgerFor, targetFor } from "./providers.ts";
import { readSecrets } from "../providers/secrets/secrets.ts";
import {
  gitFacts,
  gitStep,
  openProject,
  ownFiles,
  withoutChanges,
  withoutFiles,
  refuseFairwaysOwnRepository,
  type Check,
  type GitFacts,
  type Project,
} from "../steps/steps.ts";

/** What a call is about: the repository, its secrets, and the ref that is checked out. */
export interface DeliveryInput {
  readonly source: Directory;
  readonly secrets?: Secret | undefined;
  readonly ref?: string | undefined;
}

/** A pipeline before it meets a repository: its config, and the checks that the team wrote. */
export interface Definition {
  config(source: Directory, progress: Progress): Promise<Config>;
  /** What of it can be read where it is wrong; undefined where nothing can. */
  sound(source: Directory): Promise<SoundConfig | undefined>;
  /** The file that the config is from; null for one that is written in TypeScript. */
  readonly file: string | null;
  readonly checks: readonly Check[];
}

/** One call of a pipeline on one repository. Each thing is opened when it is first asked for, and once. */
export interface Delivery {
  readonly dag: Client;
  readonly input: DeliveryInput;
  readonly definition: Definition;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly actor: string;
  /** Who asks; null inside of an engine, where nobody can tell. */
  asker(): Promise<Asker | null>;
  /** The e-mail address by which git knows who asks; null where it does not. */
  actorEmail(): Promise<string | null>;
  readonly command: string;
  readonly signal: AbortSignal | undefined;
  config(): Promise<Config>;
  project(): Promise<Project>;
  facts(): Promise<GitFacts>;
  /** A container with git in the repository, for what its history is asked. */
  git(): Promise<Container>;
  /** Values of the secrets that the services of this environment list, and of those with other names. */
  secrets(environment: string, others: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** Every secret value that this call knows of: what must not be found in an image. */
  knownSecrets(): Promise<Readonly<Record<string, string>>>;
  ledger(environment: string): Promise<Ledger>;
  target(environment: string): Promise<Target>;
  /** Where images are pushed to and pulled from, for an environment or (null) for none. */
  registry(environment: string | null): Promise<Registry>;
}

export function openDelivery(dag: Client, input: DeliveryInput, definition: Definition): Delivery {
  const host = hostCapabilities();
  const progress = host?.progress ?? silentProgress;
  const config = once(async () => {
    if (await input.source.exists("package.json")) {
      refuseFairwaysOwnRepository(await input.source.file("package.json").contents());
    }
    return definition.config(input.source, progress);
  });
  const own = once(async () => ownFiles(input.source));
  const project = once(async () => openProject(dag, withoutFiles(input.source, await own()), await config()));
  const registry = onceFor(async (environment: string | null) => {
    const settings = await config();
    const chosen = registryOf(settings, environment);
    const names = registrySecretNames(chosen);
    const opened = await openRegistry(chosen, {
      pipeline: settings.name,
      secrets: readSecrets(await input.secrets?.plaintext(), names),
      loopbackAddress: host === undefined ? undefined : () => host.loopbackRegistry(),
    });
    return host?.instead?.registry(opened) ?? opened;
  });
  const delivery: Delivery = {
    dag,
    input,
    definition,
    progress,
    clock: host?.clock ?? systemClock,
    actor: host?.actor ?? "dagger",
    // `ada@github`: the signers file knows people, not where they sit.
    asker: async () =>
      host === undefined
        ? null
        : { name: delivery.actor.replace(/@[^@]*$/, ""), email: await delivery.actorEmail() },
    actorEmail: once(async () => (await host?.actorEmail()) ?? null),
    command: host?.command ?? "dagger call",
    signal: host?.signal,
    registry,
    config,
    project,
    facts: once(async () => {
      const { images } = await project();
      const facts = await gitFacts(dag, input.source, { image: images.git, ref: input.ref ?? "" });
      return withoutChanges(facts, await own());
    }),
    git: once(async () => gitStep(dag, input.source, (await project()).images.git)),
    secrets: async (environment, others) => {
      const document = await input.secrets?.plaintext();
      return readSecrets(document, [...secretNames(await config(), environment), ...others]);
    },
    knownSecrets: async () => readSecrets(await input.secrets?.plaintext(), knownSecretNames(await config())),
    ledger: onceFor((environment: string) => ledgerFor(delivery, environment)),
    target: onceFor((environment: string) => targetFor(delivery, environment)),
  };
  return delivery;
}

/** What the repository's fairway.yaml describes. */
export const ofRepository: Definition = {
  file: configFile,
  config: configOf,
  sound: soundConfigOf,
  checks: [],
};

/** The config in the repository's fairway.yaml. @throws FairwayError (exit 2) when there is none. */
async function configOf(source: Directory, progress: Progress): Promise<Config> {
  const file = configFile;
  if (!(await source.exists(file))) throw configMissing();
  return loadConfig(await source.file(file).contents(), file, {
    onWarning: (warning) => {
      progress.note(warning);
    },
  });
}

/** What of the repository's fairway.yaml can be read. */
async function soundConfigOf(source: Directory): Promise<SoundConfig | undefined> {
  if (!(await source.exists(configFile))) return undefined;
  return soundConfig(await source.file(configFile).contents());
}

/** A service as a target is told to run it. */
export function serviceRelease(
  config: Config,
  environment: string,
  name: string,
  image: string,
): ServiceRelease {
  const service = config.services[name];
  if (service === undefined) throw new Error(`there is no service ${name}`);
  const { replicas, limits, variables, secretNames: names } = serviceSettings(config, environment, name);
  return {
    name,
    image,
    port: service.port,
    replicas,
    ...(limits === undefined ? {} : { limits }),
    variables,
    secretNames: names,
    probes: {
      startup: service.startup,
      ready: service.ready,
      live: service.live,
      startupTimeoutSeconds: service.startupTimeoutSeconds,
    },
    drainSeconds: service.drainSeconds,
    needs: service.needs,
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function onceFor<K, T>(make: (environment: K) => Promise<T>): (environment: K) => Promise<T> {
  const made = new Map<K, Promise<T>>();
  return (environment) => {
    const known = made.get(environment) ?? make(environment);
    made.set(environment, known);
    return known;
  };
}
