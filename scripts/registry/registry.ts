import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

export interface PackageRegistry {
  /** `http://127.0.0.1:<port>/` */
  readonly url: string;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * An npm registry on loopback that holds this checkout as a package, packed as it would be published. It has
 * nothing else of the @fairway scope; any other package it fetches from the registry that npm is set to.
 * It listens on `port`, or else on Verdaccio's usual one, or where that is taken on any. The repository must be built.
 * Everything is in a temporary directory, which `close` removes.
 */
export async function startRegistry(options: { readonly port?: number } = {}): Promise<PackageRegistry> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-registry-"));
  const server = await registryIn(directory);
  const close = async () => {
    await stopListening(server);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    // Where nobody asks for it yet: who finds the registry at its own port finds the package in it.
    await listenOn(server, 0);
    await publish(directory, urlOf(server));
    await stopListening(server);
    await listen(server, options.port);
    return { url: urlOf(server), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function registryIn(directory: string): Promise<Server> {
  // Imported here: it takes a third of a second, and a copy of an example may use a registry that runs already.
  const { runServer } = (await import("verdaccio")) as unknown as Verdaccio;
  const { stdout } = await execa("npm", ["config", "get", "registry"], { cwd: directory });
  return runServer({
    ...settings,
    storage: join(directory, "storage"),
    self_path: join(directory, "config.yaml"),
    config_path: join(directory, "config.yaml"),
    uplinks: { upstream: { url: stdout.trim().split("\n").at(-1) } },
  });
}

async function listen(server: Server, port: number | undefined): Promise<void> {
  try {
    await listenOn(server, port ?? usualPort);
  } catch (error) {
    if (port !== undefined || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    await listenOn(server, 0);
  }
}

async function listenOn(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

async function stopListening(server: Server): Promise<void> {
  if (!server.listening) return;
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
}

/**
 * Verdaccio's own. The address stands in the .npmrc of the copies, and so in the key of their install step: where it
 * stays the same, a second copy finds its packages installed.
 */
const usualPort = 4873;

/** Its own types say `any`, and ask for settings that have defaults. */
interface Verdaccio {
  readonly runServer: (configuration: object) => Promise<Server>;
}

const settings = {
  web: { enable: false },
  auth: {},
  log: { type: "stderr", format: "pretty", level: "fatal" },
  max_body_size: "200mb",
  packages: {
    "@fairway/*": { access: ["$all"], publish: ["$all"], unpublish: ["$all"] },
    "**": { access: ["$all"], proxy: ["upstream"] },
  },
};

async function publish(directory: string, url: string): Promise<void> {
  // npm refuses to publish without a token; the registry asks nobody for one.
  const userconfig = join(directory, ".npmrc");
  await writeFile(userconfig, `registry=${url}\n${url.replace("http:", "")}:_authToken=loopback\n`);
  const env = { npm_config_userconfig: userconfig, npm_config_registry: url, npm_config_loglevel: "error" };
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", directory];
  const { stdout } = await execa("npm", pack, { cwd: root, env });
  const file = /"filename":\s*"([^"]+)"/.exec(stdout)?.[1];
  if (file === undefined) throw new Error(`npm pack named no file: ${stdout}`);
  await execa("npm", ["publish", "--tag", "latest", join(directory, file)], { cwd: directory, env });
}

/** `npm run registry`: serves until it is told to stop. */
async function main(): Promise<void> {
  const port = process.env["PORT"];
  const registry = await startRegistry(port === undefined ? {} : { port: Number(port) });
  console.log(`@fairway/sdk of this checkout is at ${registry.url}`);
  console.log(
    `In a repository of yours: npm config set --location=project @fairway:registry=${registry.url}`,
  );
  console.log("It serves until Ctrl-C.");
  let closing: Promise<void> | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      closing ??= registry.close();
    });
  }
}

if (import.meta.main) await main();
