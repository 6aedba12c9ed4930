import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Layer, LayerStore } from "../../layers/layers.ts";
import type { SandboxMount } from "../sandbox.ts";

/** A directory of programs that only work together, shown read-only where its image has it. */
export interface Toolchain {
  readonly mounts: readonly SandboxMount[];
  /** Its homes, under a key that is another one when the toolchain is. */
  readonly layer: Layer;
  readonly variables: Readonly<Record<string, string>>;
}

interface Kind {
  /** Asks the tool for its directory. */
  readonly question: readonly [program: string, ...argv: string[]];
  /** Must be there, below the directory. */
  readonly programs: readonly string[];
  readonly target: string;
  /** Before the system's PATH. */
  readonly path: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Directories that it writes to. */
  readonly homes: readonly string[];
}

const kinds = {
  rust: {
    question: ["rustc", "--print", "sysroot"],
    programs: ["bin/cargo", "bin/rustc"],
    target: "/usr/local/rustup/toolchains/host",
    path: ["/usr/local/cargo/bin", "/usr/local/rustup/toolchains/host/bin"],
    variables: { CARGO_HOME: "/usr/local/cargo", RUSTUP_HOME: "/usr/local/rustup" },
    homes: ["usr/local/cargo/bin", "usr/local/rustup/toolchains"],
  },
  go: {
    question: ["go", "env", "GOROOT"],
    programs: ["bin/go"],
    target: "/usr/local/go",
    path: ["/go/bin", "/usr/local/go/bin"],
    variables: { GOPATH: "/go", GOTOOLCHAIN: "local" },
    homes: ["go/bin", "go/src"],
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type ToolchainKind = keyof typeof kinds;

/** This machine's toolchain; undefined when it has none, or one that this user cannot read. */
export async function findToolchain(
  store: LayerStore,
  name: ToolchainKind,
  systemPath: string,
): Promise<Toolchain | undefined> {
  const kind: Kind = kinds[name];
  const [program, ...argv] = kind.question;
  let directory: string;
  try {
    const { stdout } = await promisify(execFile)(program, argv, { cwd: "/", timeout: 20_000 });
    directory = realpathSync(stdout.trim());
    for (const file of kind.programs) statSync(join(directory, file));
  } catch {
    return undefined;
  }
  // What stands in /usr outside of /usr/local is seen inside as it is.
  if (/^\/usr\/(?!local\/)/.test(directory) || directory === "/usr") return undefined;
  const { mtimeMs } = statSync(join(directory, kind.programs[0]!));
  const key = createHash("sha256")
    .update(JSON.stringify([name, directory, mtimeMs]))
    .digest("hex")
    .slice(0, 32);
  const layer = await store.ensure(`stand-in:toolchain:${key}`, async ({ path }) => {
    for (const home of kind.homes) await mkdir(join(path, home), { recursive: true });
  });
  return {
    layer,
    mounts: [{ kind: "bind", target: kind.target, source: directory, readOnly: true }],
    variables: { ...kind.variables, PATH: [...kind.path, systemPath].join(":") },
  };
}
