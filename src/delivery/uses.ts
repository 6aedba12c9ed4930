import type { Directory } from "@dagger.io/dagger";
import { usesOf, usesOfPrismaSchema, type Uses, type UsingRelease } from "../database/database.ts";
import type { DatabaseUses } from "../model/plan.ts";
import type { EnvironmentState } from "../release/release.ts";
import { prismaLayout } from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";

/** What the code of this commit uses of the database, as it goes into the ledger; undefined where that cannot be read. */
export async function recordedUses(delivery: Delivery): Promise<DatabaseUses | undefined> {
  const { database } = await delivery.config();
  if (database === null) return undefined;
  const { source } = await delivery.project();
  const { schemaPath } = await prismaLayout(source, database);
  try {
    return {
      ...(await usesOfPrismaSchema(await schemaText(source, schemaPath))),
      sql: database.uses,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    delivery.progress.note(
      `what the code uses of the database is not recorded: ${schemaPath} cannot be read: ${why}`,
    );
    return undefined;
  }
}

async function schemaText(source: Directory, path: string): Promise<string> {
  if (path.endsWith(".prisma")) return source.file(path).contents();
  const files = await source.glob(`${path}/**/*.prisma`);
  const texts = await Promise.all(files.sort().map((file) => source.file(file).contents()));
  if (texts.length === 0) throw new Error("there is no .prisma file in it");
  return texts.join("\n");
}

/**
 * What the releases use that are live, or that somebody may still go back to: those which others have replaced stay among
 * them until what came after has served for the soak.
 */
export function usesOfEnvironment(state: EnvironmentState, now: Date, soakMinutes: number): Uses {
  const succeeded = state.deployments.filter(({ outcome }) => outcome === "succeeded");
  const endOf = (version: string) =>
    succeeded.findLast(({ release }) => release.version === version)?.endedAt ?? state.live?.since;
  const releases = state.line.flatMap(({ release }, index): UsingRelease[] => {
    const next = state.line[index + 1];
    if (next === undefined) return [{ label: `${release.version} (live)`, uses: release.uses ?? null }];
    const replaced = new Date(endOf(next.release.version) ?? now);
    const eligibleUntil = new Date(replaced.getTime() + soakMinutes * 60_000);
    if (now >= eligibleUntil) return [];
    const until = `${eligibleUntil.toISOString().slice(0, 16).replace("T", " ")} UTC`;
    return [{ label: `${release.version} (may come back until ${until})`, uses: release.uses ?? null }];
  });
  // One that was cut off, or waits for a person, may serve beside the live one.
  const begun = state.unsettled?.release;
  return usesOf([
    ...releases,
    ...(begun === undefined ? [] : [{ label: `${begun.version} (begun)`, uses: begun.uses ?? null }]),
  ]);
}
