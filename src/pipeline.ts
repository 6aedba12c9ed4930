import type { Client, File } from "@dagger.io/dagger";
import { soundPart, validateConfig, type ConfigInput } from "./config/config.ts";
import { openDelivery, ofRepository, type Definition, type DeliveryInput } from "./delivery/delivery.ts";
import * as functions from "./delivery/functions.ts";
import type { Urgency } from "./delivery/emergency.ts";
import type { RestoreOptions } from "./delivery/backups.ts";
import type { MaintenanceOptions } from "./delivery/maintenance.ts";
import type { ResumeAnswer, RollbackOptions } from "./delivery/recovery.ts";
import type { HistoryOptions, OutputFormat, RecordFormat, VerifyOptions } from "./delivery/functions.ts";
import type { Check } from "./steps/steps.ts";

/** A pipeline as a value. It does nothing until it meets a repository, and never throws before that. */
export interface Pipeline {
  /** Binds it to a client of an engine and to what one call is about. */
  with(dag: Client, input: DeliveryInput): BoundPipeline;
}

/** The stock functions on one repository. Each answers text that is worth reading, or throws a FairwayError. */
export interface BoundPipeline {
  check(
    only?: readonly string[],
    scope?: Partial<functions.CheckScope>,
    format?: functions.CheckFormat,
  ): Promise<string>;
  images(format?: OutputFormat): Promise<string>;
  migrations(
    environment?: string,
    options?: Partial<functions.MigrationsOptions>,
    format?: functions.ReviewFormat,
  ): Promise<string>;
  plan(environment: string, options?: PlanOptions, format?: OutputFormat): Promise<string>;
  deploy(environment: string, options?: DeployOptions, format?: OutputFormat): Promise<string>;
  promote(from: string, to: string, options?: DeployOptions, format?: OutputFormat): Promise<string>;
  rollback(environment: string, options?: Partial<RollbackOptions>, format?: OutputFormat): Promise<string>;
  restore(environment: string, options?: Partial<RestoreOptions>, format?: OutputFormat): Promise<string>;
  backups(environment: string, format?: OutputFormat): Promise<string>;
  maintenance(
    environment: string,
    options: Partial<MaintenanceOptions>,
    format?: OutputFormat,
  ): Promise<string>;
  submitApproval(environment: string, approval: File, format?: OutputFormat): Promise<string>;
  resume(environment: string, options?: Partial<ResumeAnswer>, format?: OutputFormat): Promise<string>;
  abort(environment: string, reason?: string, format?: OutputFormat): Promise<string>;
  /** The tests that are known to be flaky or broken, with owner and quarantine. */
  tests(environment?: string, format?: OutputFormat): Promise<string>;
  status(environment?: string, format?: OutputFormat): Promise<string>;
  history(environment?: string, options?: Partial<HistoryOptions>, format?: OutputFormat): Promise<string>;
  record(deployment: string, format?: RecordFormat): Promise<string>;
  verify(environment?: string, options?: VerifyOptions, format?: OutputFormat): Promise<string>;
  diff(environment: string, from?: string, to?: string, format?: OutputFormat): Promise<string>;
  down(environment: string, removeData?: boolean, reason?: string): Promise<string>;
}

export interface DeployOptions extends Partial<Urgency> {
  /** Only this plan is applied, as `plan --format json` printed it; anything else is refused. */
  readonly plan?: File | undefined;
}

export type PlanOptions = Partial<functions.PlanOptions>;

const noUrgency: Urgency = { emergency: false, reason: "", ticket: "" };

/** The shape of fairway.yaml, whose `checks` may also be functions of the team's own. */
export interface PipelineDefinition extends Omit<ConfigInput, "checks"> {
  readonly checks?: readonly (CheckInput | Check)[];
}

type CheckInput = NonNullable<ConfigInput["checks"]>[number];

/**
 * A pipeline that is written in TypeScript. Every error of the definition is told at first use, all at once.
 *
 * @example
 * export const shop = pipeline({
 *   name: "shop",
 *   checks: [lint(), unit(), integration({ postgres: "18" }), licenses],
 *   services: { api: service({ dockerfile: "apps/api/Dockerfile", port: 3040, ready: "/health/readiness" }) },
 *   environments: { local: environment({ target: local() }) },
 * })
 */
export function pipeline(definition: PipelineDefinition): Pipeline {
  const { checks = [], ...rest } = definition;
  const place = `pipeline(${JSON.stringify(definition.name)})`;
  const ownChecks = checks.filter(isCheck);
  const config = { ...rest, checks: checks.filter((check) => !isCheck(check)) };
  return bind({
    file: null,
    checks: ownChecks,
    sound: async () => soundPart(config, ownChecks),
    config: async (_source, progress) =>
      validateConfig(config, place, {
        ownChecks,
        onWarning: (text) => {
          progress.note(text);
        },
      }),
  });
}

/** The pipeline that the repository's fairway.yaml describes. */
export const stockPipeline: Pipeline = bind(ofRepository);

/** The script `lint` of the root package.json. */
export const lint = (): CheckInput => "lint";
/** The script `typecheck` of the root package.json. */
export const typecheck = (): CheckInput => "typecheck";
/** The script `unit` of the root package.json. */
export const unit = (): CheckInput => "unit";
type ScriptInput = Omit<Extract<CheckInput, { script: unknown }>, "script">;
/**
 * Any script of the root package.json, or task of cargo's; `needs` are checks that must pass first, `results` is where its tests leave
 * theirs, and `retries` how often it is run again where it fails. `browser: true`, `postgres: "18"` and `redis: "8"` are what it finds around it.
 */
export const script = (name: string, options: ScriptInput = {}): CheckInput => ({ script: name, ...options });

type IntegrationInput = Extract<CheckInput, { integration: unknown }>["integration"];
/** The script `test:integration` with a PostgreSQL database of its own that has all migrations. */
export const integration = (options: IntegrationInput = {}): CheckInput => ({ integration: options });

type ScanInput = Extract<CheckInput, { scan: unknown }>;
type ScanOptions<Name extends ScanInput["scan"]> = Omit<Extract<ScanInput, { scan: Name }>, "scan">;
/** A scanner that Fairway runs: `scan("secretlint")`. What it finds is judged by severity. */
export const scan = <Name extends ScanInput["scan"]>(
  scanner: Name,
  ...[options]: Partial<ScanOptions<Name>> extends ScanOptions<Name>
    ? [options?: ScanOptions<Name>]
    : [options: ScanOptions<Name>]
): CheckInput => ({ scan: scanner, ...options }) as CheckInput;

type ServiceInput = NonNullable<ConfigInput["services"]>[string];
export const service = (definition: ServiceInput): ServiceInput => definition;

type DatabaseInput = NonNullable<ConfigInput["database"]>;
/** The database that all services share, and its migrations. */
export const prisma = (options: DatabaseInput["prisma"]): DatabaseInput => ({ prisma: options });

type EnvironmentInput = NonNullable<ConfigInput["environments"]>[string];
export const environment = (definition: EnvironmentInput): EnvironmentInput => definition;

/** This machine: replicas are processes behind a load-balancing proxy. */
export const local = (): EnvironmentInput["target"] => "local";

type StrategyInput = NonNullable<EnvironmentInput["strategy"]>;

/** One batch of replicas after the other; one replica where nothing else is said. */
export const rolling = (
  options: Extract<StrategyInput, { rolling: unknown }>["rolling"] = {},
): StrategyInput => ({ rolling: options });

/** The new version is started beside the old one and tested there; then all visitors are switched at once. */
export const blueGreen = (
  options: Extract<StrategyInput, { blueGreen: unknown }>["blueGreen"] = {},
): StrategyInput => ({ blueGreen: options });

type CanaryInput = Extract<StrategyInput, { canary: unknown }>["canary"];
/** More and more visitors get the new version, while it is known to be as good as the old one. */
export const canary = (options: CanaryInput): StrategyInput => ({ canary: options });

type LimitInput = CanaryInput["limits"][number];
type LimitOptions<K extends string> = LimitInput extends infer L
  ? L extends Record<K, infer O>
    ? O
    : never
  : never;

/** Requests that are answered 5xx or cut off. */
export const errorRate = (options: LimitOptions<"errorRate">): LimitInput => ({ errorRate: options });
/** A quantile of the time that requests take. */
export const latency = (options: LimitOptions<"latency">): LimitInput => ({ latency: options });
/** Any number that has a better direction. */
export const value = (options: LimitOptions<"value">): LimitInput => ({ value: options });

export { weekly } from "./config/config.ts";

/** A manifests repository, whose commits a controller carries out. */
export const gitops = (options: GitopsInput): EnvironmentInput["target"] => ({ gitops: options });
type GitopsInput = Extract<EnvironmentInput["target"], { gitops: unknown }>["gitops"];

type LedgerInput = NonNullable<ConfigInput["ledger"]>;
/** Events as commits on a ref of a repository: a team needs no server. */
export const git = (options: Extract<LedgerInput, { git: unknown }>["git"]): LedgerInput => ({
  git: options,
});
/** Events in a PostgreSQL database. */
export const postgres = (options: Extract<LedgerInput, { postgres: unknown }>["postgres"]): LedgerInput => ({
  postgres: options,
});

function bind(definition: Definition): Pipeline {
  return {
    with: (dag, input) => {
      const delivery = openDelivery(dag, input, definition);
      return {
        check: (only = [], scope = {}, format = "text") =>
          functions.check(delivery, only, { affected: false, base: "", ...scope }, format),
        images: (format = "text") => functions.images(delivery, format),
        migrations: (name = "", options = {}, format = "text") =>
          functions.migrations(
            delivery,
            name,
            { after: "", postgres: 0, measure: false, explain: "", ...options },
            format,
          ),
        plan: (name, options = {}, format = "text") =>
          functions.plan(
            delivery,
            name,
            { from: "", rollback: false, to: "", backup: "", ...noUrgency, ...options },
            format,
          ),
        deploy: (name, options = {}, format = "text") =>
          functions.deploy(delivery, name, { ...noUrgency, ...options }, format),
        promote: (from, to, options = {}, format = "text") =>
          functions.promote(delivery, from, to, { ...noUrgency, ...options }, format),
        rollback: (name, options = {}, format = "text") =>
          functions.rollback(delivery, name, { to: "", ...noUrgency, ...options }, format),
        restore: (name, options = {}, format = "text") =>
          functions.restoreDatabase(
            delivery,
            name,
            { backup: "", confirm: false, ...noUrgency, ...options },
            format,
          ),
        backups: (name, format = "text") => functions.backups(delivery, name, format),
        maintenance: (name, options, format = "text") =>
          functions.maintenance(delivery, name, { on: false, off: false, reason: "", ...options }, format),
        submitApproval: (name, approval, format = "text") =>
          functions.submitApproval(delivery, name, approval, format),
        resume: (name, { answer = "", operation = 0 } = {}, format = "text") =>
          functions.resumeDeployment(delivery, name, { answer, operation }, format),
        abort: (name, reason = "", format = "text") =>
          functions.abortDeployment(delivery, name, reason, format),
        tests: (name = "", format = "text") => functions.tests(delivery, name, format),
        status: (name = "", format = "text") => functions.status(delivery, name, format),
        history: (name = "", options = {}, format = "text") =>
          functions.history(delivery, name, { limit: 0, ...options }, format),
        record: (deployment, format = "text") => functions.record(delivery, deployment, format),
        verify: (name = "", options = {}, format = "text") =>
          functions.verify(delivery, name, options, format),
        diff: (name, from = "", to = "", format = "text") =>
          functions.diff(delivery, name, { from, to }, format),
        down: (name, removeData = false, reason = "") =>
          functions.down(delivery, name, { removeData, reason }),
      };
    },
  };
}

function isCheck(check: CheckInput | Check): check is Check {
  return typeof check === "object" && "run" in check;
}
