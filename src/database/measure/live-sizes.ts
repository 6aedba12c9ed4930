import { failure } from "../../model/errors.ts";
import type { Progress } from "../../model/progress.ts";
import { lastLines, outputOf, type Project, stepFailure, withOperation } from "../../steps/steps.ts";
import type { LiveDatabase } from "../live.ts";
import { scriptVariables } from "./bundle.ts";
import { runScript } from "./script-step.ts";

/**
 * The rows of a live database's tables by its own statistics, in a session that can only read. A table that was never analysed
 * is not among them: its size is not known.
 * @throws FairwayError DATABASE_UNREADABLE (exit 1)
 */
export function liveTableSizes(
  project: Pick<Project, "client" | "images">,
  { url, operationId, operation }: LiveDatabase,
  progress: Progress,
): Promise<Readonly<Record<string, number>>> {
  return progress.task("sizes of the tables", async () => {
    const node = project.client.container().from(project.images.node);
    const container = (operation === undefined ? node : withOperation(node, operation))
      .withEnvVariable("FAIRWAY_OPERATION", operationId)
      .withSecretVariable(scriptVariables.url, url);
    try {
      const answer = await runScript(container, { file: "run/sizes", exported: "readTableSizes" }, {});
      return JSON.parse(answer) as Record<string, number>;
    } catch (error) {
      const failed = stepFailure(error);
      if (failed === undefined) throw error;
      throw failure("the database could not be asked how large its tables are", {
        code: "DATABASE_UNREADABLE",
        output: lastLines(outputOf(failed), 20),
        remedy: "The step's own words are above. The sizes can stand in the config instead.",
        cause: error,
      });
    }
  });
}
