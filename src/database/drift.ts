import { failure } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Progress } from "../model/progress.ts";
import { lastLines, outputOf, type Project, stepFailure, stopwatch } from "../steps/steps.ts";
import { prismaStep, withEphemeralDatabase } from "./prisma-step.ts";
import { typedPrisma } from "./repair.ts";

/** `prisma migrate diff --exit-code` ends with this when the two sides differ. */
const differs = 2;

/**
 * Whether the migrations make the database that schema.prisma describes: replays them on a server that ends with the
 * step. Named `drift`; a difference is a fail that holds the missing SQL and the command that makes a migration of it.
 */
export function checkDrift(project: Project, progress: Progress): Promise<Evidence> {
  return progress.task("drift of the schema", async (task) => {
    const watch = stopwatch();
    const step = await prismaStep(project, task);
    const { server, container } = withEphemeralDatabase(project, step, "drift");
    const { layout } = step;
    const hasMigrations = (await project.source.glob(`${layout.migrationsPath}/*/migration.sql`)).length > 0;
    const from = hasMigrations ? ["--from-migrations", layout.migrations] : ["--from-empty"];
    const shadow = hasMigrations && !layout.javascriptEngine ? ["--shadow-database-url", server.url] : [];
    const compare = container.withExec(
      step.command(
        "migrate",
        "diff",
        ...from,
        "--to-schema-datamodel",
        layout.schema,
        ...shadow,
        "--script",
        "--exit-code",
      ),
    );
    try {
      return {
        name: "drift",
        ...(await watch.passed(compare, task)),
        verdict: "pass",
        summary: "the migrations make what the schema describes",
      };
    } catch (error) {
      const failed = stepFailure(error);
      if (failed === undefined) throw error;
      if (failed.exitCode !== differs || failed.stdout.trim() === "") {
        throw failure("the migrations could not be compared with the schema", {
          code: "DRIFT_UNKNOWN",
          place: layout.migrationsPath,
          output: lastLines(outputOf(failed), 40),
          remedy:
            "Prisma's own words are above: a migration that PostgreSQL refuses, or a schema that Prisma cannot read.",
          cause: error,
        });
      }
      task.outcome("failed", "schema and migrations differ");
      return {
        name: "drift",
        durationMs: watch.durationMs(),
        verdict: "fail",
        summary: `${layout.schemaPath} was changed without a migration`,
        details: `The migrations lack:\n${lastLines(failed.stdout, 80)}`,
        repeat: typedPrisma(
          project.toolchain,
          layout,
          ...["migrate", "dev", "--name", "describe_the_change"],
        ),
      };
    }
  });
}
