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
      // A copy by files has the same numbers of relations and writes little WAL.
      await admin.query(`CREATE DATABASE ${quote(name)} TEMPLATE ${quote(template)} STRATEGY file_copy`);
      return name;
    },
    drop,
    dropAll: async () => {
      for (const name of made) await drop(name);
    },
  };
}
