import { failure } from "../../model/errors.ts";
import type { Progress } from "../../model/progress.ts";
import { lastLines, outputOf, postgresService, type Project, stepFailure } from "../../steps/steps.ts";
import type { MigrationFile } from "../migrations.ts";
import { scriptVariables } from "./bundle.ts";
import type { MeasureInput } from "./input.ts";
import type { MeasuredLocks } from "./measured.ts";
import { prepareEarlier, prepareStatements } from "./prepare.ts";
import { runScript } from "./script-step.ts";

export interface MeasureOptions {
  /** Those that the live database has, oldest first. */
  readonly earlier: readonly MigrationFile[];
  /** Those that are to be applied, oldest first. */
  readonly migrations: readonly MigrationFile[];
  /** Major version of PostgreSQL: `"18"`. */
  readonly postgres: string;
  /** Real rows by table, where they are known: the synthetic tables keep their proportions. */
  readonly tables?: Readonly<Record<string, number>>;
  /** Rows of the largest table at the largest size. @default 200_000 */
  readonly budgetRows?: number;
  /** Parts of the budget, ascending; growth takes three. @default 1/16, 1/4, 1 */
  readonly fractions?: readonly number[];
  /** Runs without probes at each size; what they differ by is the noise. @default 3 */
  readonly repeats?: number;
}

/**
 * Runs the migrations on a PostgreSQL that ends with the step, its tables filled with synthetic rows, and answers what each
 * statement locked, rewrote and kept waiting. Nothing of the live database is touched, or known but sizes.
 * @throws FairwayError MEASURE_FAILED (exit 1) where an earlier migration does not apply, or the server does not answer
 */
export function measureLocks(
  project: Pick<Project, "client" | "images">,
  options: MeasureOptions,
  progress: Progress,
): Promise<MeasuredLocks> {
  return progress.task("locks of the migrations", async () => {
    const input = await inputOf(options);
    const { client, images } = project;
    const server = postgresService(client, { version: options.postgres, images, purpose: "measured locks" });
    const container = client
      .container()
      .from(images.node)
      .withServiceBinding(server.alias, server.service)
      .withEnvVariable(scriptVariables.url, server.url);
    try {
      const answer = await runScript(container, { file: "run/run", exported: "runMeasurement" }, input);
      return JSON.parse(answer) as MeasuredLocks;
    } catch (error) {
      const failed = stepFailure(error);
      if (failed === undefined) throw error;
      throw failure("the locks of the migrations could not be measured", {
        code: "MEASURE_FAILED",
        place: options.migrations[0]?.path,
        output: lastLines(outputOf(failed), 20),
        remedy: "The step's own words are above.",
        cause: error,
      });
    }
  });
}

/** What a run gets; for whoever has a server already, too. */
export async function inputOf(options: Omit<MeasureOptions, "postgres">): Promise<MeasureInput> {
  const { earlier, migrations, tables = {}, budgetRows = 200_000 } = options;
  const { fractions = [1 / 16, 1 / 4, 1], repeats = 3 } = options;
  return {
    earlier: await Promise.all(earlier.map(prepareEarlier)),
    statements: (await Promise.all(migrations.map(prepareStatements))).flat(),
    ...{ budgetRows, fractions, repeats, tables },
  };
}
