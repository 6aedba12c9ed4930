import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { migrationFile } from "../../src/database/database.ts";
import { compare, failedRows, type MigrationRow, readStatusText } from "../../src/database/status.ts";

const files = ["1_a", "2_b", "3_c"].map((name) =>
  migrationFile(name, `m/${name}/migration.sql`, `-- ${name}`),
);

function row(name: string, rest: Partial<MigrationRow> = {}): MigrationRow {
  const checksum = createHash("sha256").update(`-- ${name}`).digest("hex");
  return { name, checksum, finished: true, rolledBack: false, logs: null, ...rest };
}

const names = (migrations: readonly { name: string }[]) => migrations.map(({ name }) => name);

describe("the migrations of a live database", () => {
  it("are all pending in an empty one", () => {
    expect(names(compare(files, []).pending)).toEqual(["1_a", "2_b", "3_c"]);
  });

  it("are applied when they ended, and pending again when they were rolled back", () => {
    const status = compare(files, [row("1_a"), row("2_b", { finished: false, rolledBack: true })]);
    expect(status.applied).toEqual(["1_a"]);
    expect(names(status.pending)).toEqual(["2_b", "3_c"]);
  });

  it("are applied when a second try ended", () => {
    const rows = [row("1_a", { finished: false, rolledBack: true }), row("1_a")];
    expect(compare(files, rows).applied).toEqual(["1_a"]);
    expect(failedRows(rows)).toEqual([]);
  });

  it("have failed when they began, did not end and were not rolled back", () => {
    expect(names(failedRows([row("1_a"), row("2_b", { finished: false })]))).toEqual(["2_b"]);
  });

  it("may be those of a newer release, or have another text now", () => {
    const status = compare(files, [row("1_a", { checksum: "0".repeat(64) }), row("4_d")]);
    expect(status.changed).toEqual([{ name: "1_a", appliedChecksum: "0".repeat(64) }]);
    expect(status.unknown).toEqual(["4_d"]);
  });
});

it("a migration is the same text with the line ends of Windows, as Prisma has it", () => {
  const applied = createHash("sha256").update("SELECT 1;\r\nSELECT 2;\r\n").digest("hex");
  const file = migrationFile("1_a", "m/1_a/migration.sql", "SELECT 1;\nSELECT 2;\n");
  expect(compare([file], [row("1_a", { checksum: applied })]).changed).toEqual([]);
});

describe("what `prisma migrate status` prints", () => {
  it("is read when everything is applied", () => {
    const read = readStatusText(
      "3 migrations found in prisma/migrations\n\nDatabase schema is up to date!\n",
      files,
    );
    expect(read?.status.pending).toEqual([]);
    expect(read?.status.applied).toEqual(["1_a", "2_b", "3_c"]);
  });

  it("is read when migrations are pending", () => {
    const text =
      "Following migrations have not yet been applied:\n2_b\n3_c\n\nTo apply migrations in development run x.";
    expect(names(readStatusText(text, files)?.status.pending ?? [])).toEqual(["2_b", "3_c"]);
  });

  it("is read when a migration has failed", () => {
    const text = "Following migration have failed:\n2_b\n\nDuring development if ...";
    expect(names(readStatusText(text, files)?.failed ?? [])).toEqual(["2_b"]);
  });

  it.each(["", "Error: P1001", "Following migrations have not yet been applied:\n9_unheard\n"])(
    "is not guessed at: %j",
    (text) => {
      expect(readStatusText(text, files)).toBeUndefined();
    },
  );
});
