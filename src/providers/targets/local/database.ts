/** The PostgreSQL server of an environment. */
export interface EnvironmentDatabase {
  readonly url: string;
  readonly version: string;
  running(): boolean;
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  readonly directory: string;
  readonly major: string;
  readonly cacheRoot: string;
  readonly log: (line: string) => void;
}

export function startDatabase(_options: DatabaseOptions): Promise<EnvironmentDatabase> {
  return Promise.reject(new Error("the environment's database is not built yet"));
}
