import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyExample } from "../scripts/copy-example.ts";
import { startRegistry } from "../scripts/registry/registry.ts";
import { userEnvironment } from "../scripts/user-environment.ts";
import { paired, type Paired } from "./paired.ts";

/** A check with nothing changed, against the task runner that the same repository uses, also with nothing changed. */
export async function warmCheck(): Promise<Paired[]> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  const shop = join(directory, "shop");
  const registry = await startRegistry();
  try {
    await copyExample("shop", shop, { registryUrl: registry.url });
    // turbo looks for the package manager in PATH.
    const { packageManager } = JSON.parse(await readFile(join(shop, "package.json"), "utf8")) as {
      packageManager: string;
    };
    await run(directory, "", ["npm", "install", "--prefix", directory, packageManager.replace(/\+.*/, "")]);
    const tools = join(directory, "node_modules/.bin");
    await run(shop, tools, ["pnpm", "install", "--frozen-lockfile"]);
    const only = ["lint", "typecheck", "unit"];
    const fairway = () =>
      run(shop, tools, [
        "npx",
        "--no-install",
        "fairway",
        "check",
        ...only.flatMap((name) => ["--only", name]),
      ]);
    const turbo = () =>
      run(shop, tools, ["npx", "--no-install", "turbo", "run", "lint", "typecheck", "test"]);
    return [
      await paired("warm check over warm turbo run", ["fairway check", fairway], ["turbo run", turbo], 5),
    ];
  } finally {
    await registry.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function run(cwd: string, tools: string, [program = "", ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...userEnvironment(), PATH: `${tools}:${userEnvironment()["PATH"] ?? ""}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${[program, ...args].join(" ")} ended with ${String(code)}:\n${output}`));
    });
  });
}
