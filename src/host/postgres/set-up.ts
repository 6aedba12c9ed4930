import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readJsonFile, writeJsonFile } from "../processes/processes.ts";
import type { PostgresBinaries } from "./binaries.ts";
import { quoteName, quoteText, runStatements, type Connection } from "./client.ts";
import { superuser } from "./cluster.ts";

interface Wishes {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly template?: boolean;
}

/** Kept in the data directory, mode 0600: passwords of the superuser, of which the first that works is right. */
interface Record {
  readonly passwords: readonly string[];
  /** True while the password is the prepared cluster's, which all copies share. */
  readonly shared: boolean;
}

export function recordTemplatePassword(dataDirectory: string, password: string): Promise<void> {
  return writeRecord(dataDirectory, { passwords: [password], shared: true });
}

/** Makes role, password and database as asked for; answers the password of the role. */
export async function setUp(
  binaries: PostgresBinaries,
  admin: Omit<Connection, "password">,
  dataDirectory: string,
  wishes: Wishes,
): Promise<string> {
  const { user = superuser, database = "postgres", template = false } = wishes;
  const record = (await readJsonFile(join(dataDirectory, recordFile))) as Record;
  const [recorded = ""] = record.passwords;
  const wanted = user === superuser ? wishes.password : undefined;
  // What is thrown away may share the password, which is random and this user's own.
  const renewed = wanted ?? (record.shared && !template ? randomBytes(24).toString("base64url") : recorded);
  const password = user === superuser ? renewed : (wishes.password ?? renewed);
  const roles = user === superuser ? [] : roleStatements(user, password);
  const renew = record.passwords.length > 1 || renewed !== recorded;
  if (!renew && roles.length === 0 && database === "postgres") return password;

  // Written before it is true: whatever happens in between, one of them is right.
  if (renew)
    await writeRecord(dataDirectory, {
      passwords: [...new Set([renewed, ...record.passwords])],
      shared: record.shared,
    });
  const statements = [
    ...(renew ? [`ALTER ROLE ${quoteName(superuser)} PASSWORD ${quoteText(renewed)}`] : []),
    ...roles,
    ...(database === "postgres" ? [] : [`CREATE DATABASE ${quoteName(database)} OWNER ${quoteName(user)}`]),
  ];
  await runWithOneOf([...new Set([...record.passwords, renewed])], (password) =>
    runStatements(binaries, { ...admin, password }, statements, { allowExisting: true }),
  );
  if (renew) await writeRecord(dataDirectory, { passwords: [renewed], shared: false });
  return password;
}

const recordFile = "fairway-credentials.json";

function writeRecord(dataDirectory: string, record: Record): Promise<void> {
  return writeJsonFile(join(dataDirectory, recordFile), record);
}

/** The official image's POSTGRES_USER is a superuser too. */
function roleStatements(user: string, password: string): string[] {
  const name = quoteName(user);
  return [
    `DO $do$ BEGIN CREATE ROLE ${name}; EXCEPTION WHEN duplicate_object THEN NULL; END $do$`,
    `ALTER ROLE ${name} SUPERUSER LOGIN PASSWORD ${quoteText(password)}`,
  ];
}

async function runWithOneOf(
  passwords: readonly string[],
  run: (password: string) => Promise<void>,
): Promise<void> {
  const wrongPassword = "28P01";
  for (const [index, password] of passwords.entries()) {
    try {
      await run(password);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== wrongPassword || index === passwords.length - 1) throw error;
    }
  }
}
