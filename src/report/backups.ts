import type { Json } from "../model/canonical-json.ts";
import { sizeText } from "../model/size.ts";
import type { KeptBackup } from "../release/backup/kept.ts";
import { ago, headed } from "./text.ts";

/** What can be restored, the newest first. */
export function backupsText(
  kept: readonly KeptBackup[],
  {
    now,
    environment,
    command,
  }: { readonly now: Date; readonly environment: string; readonly command: string },
): string {
  if (kept.length === 0) return `There is no backup of ${environment}'s database.`;
  const rows = kept
    .toReversed()
    .map(({ id, at, actor, reference, sizeBytes, of, migrations }) => [
      id,
      at.slice(0, 19).replace("T", " "),
      ago(at, now),
      of?.release.version ?? "nothing",
      migrations.at(-1)?.name ?? "none",
      sizeBytes === null ? "" : sizeText(sizeBytes),
      actor,
      reference === id ? "" : reference,
    ]);
  const heading = ["backup", "made (UTC)", "", "live then", "last migration", "size", "by", "reference"];
  return [
    headed(heading, rows),
    `Back to one, with the release of then: ${command} restore --env ${environment} --backup ${kept.at(-1)?.id ?? ""} --reason "..."`,
  ].join("\n");
}

export function backupsJson(kept: readonly KeptBackup[]): Json {
  return kept.toReversed().map(({ id, at, actor, reference, sizeBytes, of, migrations }) => ({
    id,
    at,
    actor,
    reference,
    sizeBytes,
    version: of?.release.version ?? null,
    migrations: migrations.map(({ name }) => name),
  }));
}
