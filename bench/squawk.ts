import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { userEnvironment } from "../scripts/user-environment.ts";

/** The linter that is written in Rust, for the same files. */
export interface Squawk {
  readonly version: string;
  /** Reads and judges the files that the pattern names. */
  lint(directory: string, pattern: string): Promise<void>;
}

const version = "2.70.0";

/** Installs squawk by pip below the directory. Where that cannot be done, why. */
export async function installSquawk(directory: string): Promise<Squawk | { readonly missing: string }> {
  const target = join(directory, "squawk");
  const options = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"];
  const pip = ["-m", "pip", "install", ...options, "--target", target, `squawk-cli==${version}`];
  const program = join(target, "bin", "squawk");
  try {
    await run(directory, ["python3", ...pip], [0]);
    await access(program);
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
  return {
    version,
    // 1 says that it found something.
    lint: (source, pattern) => run(source, [program, "--reporter", "gcc", pattern], [0, 1]),
  };
}

function run(
  cwd: string,
  [program = "", ...args]: readonly string[],
  expected: readonly number[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: userEnvironment(), stdio: ["ignore", "ignore", "pipe"] });
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-2_000)));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== null && expected.includes(code)) resolve();
      else
        reject(new Error(`${program} ended with ${String(code)}: ${output.trim().split("\n").at(-1) ?? ""}`));
    });
  });
}
