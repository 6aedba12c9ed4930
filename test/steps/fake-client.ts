import type { Client, Directory } from "@dagger.io/dagger";

/** One call of a chain: `["withExec", ["pnpm", "run", "unit"]]`. */
export type Call = readonly [method: string, ...args: unknown[]];

export interface FakeOptions {
  /** Files of the source, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Answers a step's argv, or throws (see `execError`); undefined is an empty stdout. */
  readonly exec?: (argv: readonly string[], chain: readonly Call[]) => string | undefined;
  /** When steps ran, in seconds of the epoch; now unless told. */
  readonly stamp?: number;
  /** How the last step of a container ended that may end with any code. @default 0 */
  readonly exitCode?: number;
  /** Answers the contents of a file that a step has written. */
  readonly written?: (path: string, chain: readonly Call[]) => string | undefined;
}

/** An error as the client throws it for a step that ended with a code. */
export function execError(exitCode: number, stdout = "", stderr = ""): Error {
  return Object.assign(new Error(`exit code: ${String(exitCode)}`), {
    code: "D109",
    extensions: { _type: "EXEC_ERROR", exitCode, stdout, stderr, cmd: [] },
  });
}

/** A client that records chains and runs nothing; enough of Dagger for steps that are asked for one thing at a time. */
export function fakeClient(options: FakeOptions = {}) {
  const execs: (readonly string[])[] = [];
  const seen = new Set<readonly Call[]>();

  const evaluate = (chain: readonly Call[]): string => {
    let stdout = "";
    chain.forEach((call, index) => {
      if (call[0] !== "withExec") return;
      const argv = call[1] as string[];
      const upTo = chain.slice(0, index);
      if (![...seen].some((known) => same(known, chain.slice(0, index + 1)))) {
        seen.add(chain.slice(0, index + 1));
        execs.push(argv);
      }
      stdout =
        argv[0] === "date"
          ? String(options.stamp ?? Math.floor(Date.now() / 1000))
          : (options.exec?.(argv, upTo) ?? "");
    });
    return stdout;
  };

  const container = (chain: readonly Call[]): object => {
    const proxy: object = new Proxy(
      {},
      {
        has: (_, name) => name === "withExec",
        get: (_, name) => {
          if (typeof name === "symbol" || name === "then") return undefined;
          if (name === "chain") return chain;
          if (name === "stdout") return async () => evaluate(chain);
          if (name === "sync") return async () => (evaluate(chain), container(chain));
          if (name === "stderr") return async () => "";
          if (name === "exitCode") {
            return async () => {
              if (chain.some(([method]) => method === "withExec")) return options.exitCode ?? 0;
              throw Object.assign(new Error("no command has been set"), { code: "D100" });
            };
          }
          if (name === "file") {
            return (path: string) => ({
              contents: async () => {
                evaluate(chain);
                return options.written?.(path, chain) ?? "[]";
              },
            });
          }
          return (...args: unknown[]) => container([...chain, [name, ...args]]);
        },
      },
    );
    return proxy;
  };

  const files = options.files ?? {};
  const directory = (prefix: string): object => ({
    entries: async () => [
      ...new Set(
        Object.keys(files)
          .filter((path) => path.startsWith(prefix))
          .map((path) => path.slice(prefix.length))
          .map((path) => (path.includes("/") ? `${path.split("/")[0] ?? ""}/` : path)),
      ),
    ],
    exists: async (path: string) => `${prefix}${path}` in files,
    file: (path: string) => ({ contents: async () => files[`${prefix}${path}`] }),
    directory: (path: string) => directory(path === "." ? prefix : `${prefix}${path}/`),
    glob: async (pattern: string) => {
      const expression = new RegExp(
        `^${pattern
          .replaceAll(".", "\\.")
          .replaceAll("**/", "(.+/)?")
          .replaceAll(/(?<!\.)\*/g, "[^/]+")}$`,
      );
      return Object.keys(files).filter((path) => expression.test(path));
    },
    filter: () => directory(prefix),
    withDirectory: () => directory(prefix),
    withoutFile: () => directory(prefix),
  });

  const client = {
    container: () => container([]),
    directory: () => directory(""),
    cacheVolume: (name: string) => ({ cacheVolume: name }),
  } as unknown as Client;
  return { client, source: directory("") as Directory, execs };
}

function same(a: readonly Call[], b: readonly Call[]): boolean {
  return a.length === b.length && JSON.stringify(a) === JSON.stringify(b);
}
