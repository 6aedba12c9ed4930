import { spawn } from "node:child_process";
import { join } from "node:path";
import { paired, type Paired } from "./paired.ts";

const bin = join(import.meta.dirname, "../bin/fairway.js");

/** How long a user waits before anything of Fairway's own happens. */
export async function cliStart(): Promise<Paired[]> {
  const peer = ["node -e 0", () => run(["-e", "0"])] as const;
  return [
    await paired(
      "CLI start, --version over node -e 0",
      ["fairway --version", () => run([bin, "--version"])],
      peer,
    ),
    await paired("CLI start, --help over node -e 0", ["fairway --help", () => run([bin, "--help"])], peer),
  ];
}

function run(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(process.execPath, args, { stdio: "ignore" }).on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`node ${args.join(" ")} ended with ${String(code)}`));
    });
  });
}
