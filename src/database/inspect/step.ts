import { failure } from "../../model/errors.ts";
import type { Progress } from "../../model/progress.ts";
import { lastLines, outputOf, postgresService, type Project, stepFailure } from "../../steps/steps.ts";
import type { LiveDatabase } from "../live.ts";
import { scriptVariables } from "../measure/bundle.ts";
import { prepareEarlier } from "../measure/prepare.ts";
import { runScript } from "../measure/script-step.ts";
import type { MigrationFile } from "../migrations.ts";
import type { Inspected, InspectInput } from "./objects.ts";

/**
 * What a live database is made of, which migrations it has, and what these make of an empty database, on a server that ends
 * with the step. The live one is read in one transaction that PostgreSQL itself lets nothing be written in.
 * @param files all migrations of the repository, oldest first
 * @param postgres the major version of the empty server: `"17"`
 * @throws FairwayError DATABASE_UNREADABLE (exit 1)
 */
export function inspectDatabase(
  project: Project,
  { url, operationId }: Pick<LiveDatabase, "url" | "operationId">,
  { files, postgres }: { readonly files: readonly MigrationFile[]; readonly postgres: string },
  progress: Progress,
): Promise<Inspected> {
  return progress.task("the live database", async () => {
    const { client, images } = project;
    const server = postgresService(client, { version: postgres, images, purpose: "live database" });
    const container = client
      .container()
      .from(images.node)
      .withServiceBinding(server.alias, server.service)
      .withEnvVariable("FAIRWAY_OPERATION", operationId)
      .withSecretVariable(scriptVariables.url, url);
    const migrations = await Promise.all(files.map(prepareEarlier));
    const input: InspectInput = { empty: server.url, migrations };
    try {
      const script = { file: "../inspect/run/inspect", exported: "inspect" };
      return JSON.parse(await runScript(container, script, input)) as Inspected;
    } catch (error) {
      const failed = stepFailure(error);
      if (failed === undefined) throw error;
      throw failure("the database could not be read", {
        code: "DATABASE_UNREADABLE",
        place: "--database",
        output: lastLines(outputOf(failed), 20),
        remedy:
          "The step's own words are above. Is it the URL of a PostgreSQL server that this machine reaches, and may its user read " +
          "the table _prisma_migrations?\nGRANT SELECT ON _prisma_migrations TO <user>;",
        cause: error,
      });
    }
  });
}
