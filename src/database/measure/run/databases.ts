import { quote, type Session } from "./connection.ts";

/** The databases of one measurement, which are dropped after it. */
export interface Databases {
  /** @returns its name */
  create(purpose: string, template?: string): Promise<string>;
  drop(name: string): Promise<void>;
  dropAll(): Promise<void>;
}

export function databasesOf(admin: Session): Databases {
  const made = new Set<string>();
  let number = 0;
  const drop = async (name: string) => {
    await admin.query(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`);
    made.delete(name);
  };
  return {
    create: async (purpose, template = "template0") => {
      const name = `fairway measure ${String(++number)} ${purpose}`;
      made.add(name);
      await admin.query(`CREATE DATABASE ${quote(name)} TEMPLATE ${quote(template)}${await byFiles(admin)}`);
      return name;
    },
    drop,
    dropAll: async () => {
      for (const name of made) await drop(name);
    },
  };
}

/** Through the WAL a large copy takes longer; before PostgreSQL 15 there was no other way than by files. */
async function byFiles(admin: Session): Promise<string> {
  const [row] = await admin.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  return (row?.version ?? 0) >= 150_000 ? " STRATEGY file_copy" : "";
}
