import {
  argument,
  check as checkFunction,
  dag,
  func,
  object,
  type Directory,
  type File,
  type Secret,
} from "@dagger.io/dagger";
import { asEngineError } from "./delivery/outcome.ts";
import { stockPipeline, type BoundPipeline } from "./pipeline.ts";

/** How an answer is printed: for people, or for machines. */
export enum OutputFormat {
  text = "text",
  json = "json",
}

/** How a change record is printed: for a terminal, a verifier, a comment, or a page. */
export enum RecordFormat {
  text = "text",
  json = "json",
  markdown = "markdown",
  html = "html",
}

/** How reviewed migrations are printed: for people, for machines, for code scanning, for a pull request, or as a page. */
export enum ReviewFormat {
  text = "text",
  json = "json",
  sarif = "sarif",
  markdown = "markdown",
  html = "html",
}

/** How what the checks found is printed: for people, for machines, for code scanning, a test report, a pull request, or as a page. */
export enum CheckFormat {
  text = "text",
  json = "json",
  sarif = "sarif",
  junit = "junit",
  markdown = "markdown",
  html = "html",
  github = "github",
  gitlab = "gitlab",
}

/** Carries a commit from checks to healthy replicas, as the repository's fairway.yaml says */
@object()
export class Fairway {
  private source: Directory;
  private secrets?: Secret;
  private ref: string;

  /**
   * @param source The repository to deliver; its fairway.yaml says how
   * @param secrets A dotenv document with the secret values that fairway.yaml lists by name, e.g. file:.env.staging
   * @param ref The branch or tag that is checked out, where the commit is detached (as CI checks it out)
   */
  constructor(
    @argument({
      defaultPath: "/",
      ignore: ["**/node_modules", "**/.fairway", "**/.turbo", "target/debug", "target/release"],
    })
    source: Directory,
    secrets?: Secret,
    ref: string = "",
  ) {
    this.source = source;
    if (secrets !== undefined) this.secrets = secrets;
    this.ref = ref;
  }

  /**
   * Run the checks: lint, typecheck, tests and whatever else fairway.yaml lists
   *
   * @param only Names of the checks to run, with those that they need; all of them when none is named
   * @param affected Run them for what the commits since the base, and what is not committed, have touched, and for what depends on it
   * @param base The branch, tag or commit that the change was made from: findings that it has too are old, and fail nothing; with affected the remote's default branch, or else main, when it is left out
   * @param format How to print the answer, also where a check fails: sarif for code scanning, junit for test reports, markdown for a pull request, html for a page; github and gitlab for their annotations
   */
  @func({ cache: "never" })
  @checkFunction()
  async check(
    only: string[] = [],
    affected: boolean = false,
    base: string = "",
    format: CheckFormat = CheckFormat.text,
  ): Promise<string> {
    return this.answer((pipeline) => pipeline.check(only, { affected, base }, format));
  }

  /**
   * Build the image of each service and publish it by digest; answers the references
   *
   * @param format How to print the answer
   */
  @func()
  async images(format: OutputFormat = OutputFormat.text): Promise<string> {
    return this.answer((pipeline) => pipeline.images(format));
  }

  /**
   * Review the migrations: what each locks, rewrites and breaks, its phase, and the safe way; drift from the schema and a rehearsal
   *
   * Only a migration that no environment has yet can hold. A directory of SQL without fairway.yaml, or one file, is read and
   * nothing else: no database, no ledger.
   *
   * @param env Review them for this environment alone, as its next deploy will; for all of them when it is left out
   * @param file Read this file alone, whatever else the repository holds
   * @param after Without fairway.yaml: the last migration that is applied; those after it come as one release. With measure: those after it are measured
   * @param postgres Without fairway.yaml: the server's major version; 17 when it is left out
   * @param measure Run those that are not applied on a database of synthetic rows, and say how long each locks the real tables
   * @param database URL of a live database that is only read, e.g. env:REPORTING_URL: which migrations it has, how it differs from them; with measure, how large its tables are
   * @param explain Show what this rule catches, with its examples; all: a line for each rule
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async migrations(
    env: string = "",
    file?: File,
    after: string = "",
    postgres: number = 0,
    measure: boolean = false,
    database?: Secret,
    explain: string = "",
    format: ReviewFormat = ReviewFormat.text,
  ): Promise<string> {
    const options = { file, after, postgres, measure, database, explain };
    return this.answer((pipeline) => pipeline.migrations(env, options, format));
  }

  /**
   * Show what a deploy would do, step by step, with its way back; changes nothing
   *
   * @param env The environment, one of fairway.yaml's
   * @param from Plan the promotion of what is live in this environment, instead of a deploy of this commit
   * @param rollback Plan the way back to an earlier release, instead of a deploy of this commit
   * @param to With rollback: the deployment or the version to go back to; the one before when it is left out
   * @param backup Plan the restore of this backup, with the release of then, instead of a deploy of this commit
   * @param emergency Plan what passes by the gates that the environment lets an emergency pass by
   * @param reason Why it is an emergency
   * @param ticket Where the emergency is followed up, e.g. INC-42
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async plan(
    env: string,
    from: string = "",
    rollback: boolean = false,
    to: string = "",
    backup: string = "",
    emergency: boolean = false,
    reason: string = "",
    ticket: string = "",
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    const options = { from, rollback, to, backup, emergency, reason, ticket };
    return this.answer((pipeline) => pipeline.plan(env, options, format));
  }

  /**
   * Check, build, migrate and release the commit to an environment; goes back by itself when it fails
   *
   * @param env The environment, one of fairway.yaml's
   * @param plan Apply exactly this plan, as `plan --out` wrote it, or nothing
   * @param emergency Pass by the gates that the environment lets an emergency pass by
   * @param reason Why it is an emergency
   * @param ticket Where the emergency is followed up, e.g. INC-42
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async deploy(
    env: string,
    plan?: File,
    emergency: boolean = false,
    reason: string = "",
    ticket: string = "",
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    return this.answer((pipeline) => pipeline.deploy(env, { plan, emergency, reason, ticket }, format));
  }

  /**
   * Bring the very images that are live in one environment to another one; nothing is built
   *
   * @param from The environment in which they are proven
   * @param to The environment that gets them
   * @param plan Apply exactly this plan, as `plan --out` wrote it, or nothing
   * @param emergency Pass by the gates that the environment lets an emergency pass by
   * @param reason Why it is an emergency
   * @param ticket Where the emergency is followed up, e.g. INC-42
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async promote(
    from: string,
    to: string,
    plan?: File,
    emergency: boolean = false,
    reason: string = "",
    ticket: string = "",
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    return this.answer((pipeline) => pipeline.promote(from, to, { plan, emergency, reason, ticket }, format));
  }

  /**
   * Return an environment to the release before the live one, or to one further back
   *
   * @param env The environment, one of fairway.yaml's
   * @param to The deployment or the version to go back to; the one before when it is left out
   * @param plan Apply exactly this plan, as `plan --rollback --out` wrote it, or nothing
   * @param reason Why, for the ledger
   * @param emergency Pass by the gates that the environment lets an emergency pass by
   * @param ticket Where the emergency is followed up, e.g. INC-42
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async rollback(
    env: string,
    to: string = "",
    plan?: File,
    reason: string = "",
    emergency: boolean = false,
    ticket: string = "",
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    const options = { to, plan, reason, emergency, ticket };
    return this.answer((pipeline) => pipeline.rollback(env, options, format));
  }

  /**
   * Bring back the database of a backup, with the release that was live then; what was written since is not in it
   *
   * @param env The environment, one of fairway.yaml's
   * @param backup The backup, as `backups` lists it; the newest when it is left out
   * @param plan Apply exactly this plan, as `plan --backup --out` wrote it, or nothing
   * @param reason Why, for the ledger
   * @param confirm Do it; without, it is only said what would be lost
   * @param emergency Pass by the gates that the environment lets an emergency pass by
   * @param ticket Where the emergency is followed up, e.g. INC-42
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async restore(
    env: string,
    backup: string = "",
    plan?: File,
    reason: string = "",
    confirm: boolean = false,
    emergency: boolean = false,
    ticket: string = "",
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    const options = { backup, plan, reason, confirm, emergency, ticket };
    return this.answer((pipeline) => pipeline.restore(env, options, format));
  }

  /**
   * List the backups of an environment's database that can be restored, newest first
   *
   * @param env The environment, one of fairway.yaml's
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async backups(env: string, format: OutputFormat = OutputFormat.text): Promise<string> {
    return this.answer((pipeline) => pipeline.backups(env, format));
  }

  /**
   * Answer visitors with 503 and a page, or let them in again; smoke tests and replicas pass
   *
   * @param env The environment, one of fairway.yaml's; its target is local
   * @param on Keep visitors out
   * @param off Let them in again
   * @param reason Why, for the ledger
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async maintenance(
    env: string,
    on: boolean = false,
    off: boolean = false,
    reason: string = "",
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    return this.answer((pipeline) => pipeline.maintenance(env, { on, off, reason }, format));
  }

  /**
   * Write a signed approval of a plan into the ledger; `fairway approve` signs and calls this
   *
   * @param env The environment of the plan
   * @param approval What was signed and the signature, as JSON
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async submitApproval(
    env: string,
    approval: File,
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    return this.answer((pipeline) => pipeline.submitApproval(env, approval, format));
  }

  /**
   * Go on with a deploy that was cut off; looks at what is done first, and does nothing twice
   *
   * @param env The environment, one of fairway.yaml's
   * @param answer Where nobody can tell whether a step happened, what you found: done or not-done
   * @param operation The step that the answer is about, by its number in the plan; the one that is asked about when it is left out
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async resume(
    env: string,
    answer: string = "",
    operation: number = 0,
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    return this.answer((pipeline) => pipeline.resume(env, { answer, operation }, format));
  }

  /**
   * Go back from a deploy that was cut off to what was live before it
   *
   * @param env The environment, one of fairway.yaml's
   * @param reason Why, for the ledger
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async abort(env: string, reason: string = "", format: OutputFormat = OutputFormat.text): Promise<string> {
    return this.answer((pipeline) => pipeline.abort(env, reason, format));
  }

  /**
   * List the tests that are known to be flaky or broken, with their owners and quarantines
   *
   * @param env The environment whose deploys have seen them; the checks of no environment when it is left out
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async tests(env: string = "", format: OutputFormat = OutputFormat.text): Promise<string> {
    return this.answer((pipeline) => pipeline.tests(env, format));
  }

  /**
   * Show what is live, since when and by whom, and what runs now
   *
   * @param env The environment; all of them when it is left out
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async status(env: string = "", format: OutputFormat = OutputFormat.text): Promise<string> {
    return this.answer((pipeline) => pipeline.status(env, format));
  }

  /**
   * List the deployments, newest first
   *
   * @param env The environment; all of them when it is left out
   * @param limit How many of the newest; all of them when it is left out
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async history(
    env: string = "",
    limit: number = 0,
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    return this.answer((pipeline) => pipeline.history(env, { limit }, format));
  }

  /**
   * Write the change record of a deployment: who, what, when, why, with whose consent, and what proves it
   *
   * @param deployment Its id, as history prints it, e.g. production-12
   * @param format text for a terminal, json (an in-toto statement) to keep and verify, markdown for a comment, html for a page
   */
  @func({ cache: "never" })
  async record(deployment: string, format: RecordFormat = RecordFormat.text): Promise<string> {
    return this.answer((pipeline) => pipeline.record(deployment, format));
  }

  /**
   * Prove that nothing in the ledger was changed after it was written; with a record, that it says what the ledger says
   *
   * @param env The environment; all of them when it is left out
   * @param record A change record, as `record --format json` wrote it
   * @param head The hash that an earlier verify ended with: it must still be there
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async verify(
    env: string = "",
    record?: File,
    head: string = "",
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    return this.answer((pipeline) => pipeline.verify(env, { record, head }, format));
  }

  /**
   * Show what one deployment changed against another: images, settings, migrations, commits
   *
   * @param env The environment, one of fairway.yaml's
   * @param from The earlier deployment, e.g. staging-3; the last proven but one when it is left out
   * @param to The later deployment; the last proven one when it is left out
   * @param format How to print the answer
   */
  @func({ cache: "never" })
  async diff(
    env: string,
    from: string = "",
    to: string = "",
    format: OutputFormat = OutputFormat.text,
  ): Promise<string> {
    return this.answer((pipeline) => pipeline.diff(env, from, to, format));
  }

  /**
   * Stop everything that runs in an environment; its data is kept unless asked otherwise
   *
   * @param env The environment, one of fairway.yaml's
   * @param removeData Remove the environment's database as well
   * @param reason Why, for the ledger
   */
  @func({ cache: "never" })
  async down(env: string, removeData: boolean = false, reason: string = ""): Promise<string> {
    return this.answer((pipeline) => pipeline.down(env, removeData, reason));
  }

  private answer(ask: (pipeline: BoundPipeline) => Promise<string>): Promise<string> {
    return asEngineError(dag, () =>
      ask(stockPipeline.with(dag, { source: this.source, secrets: this.secrets, ref: this.ref })),
    );
  }
}
