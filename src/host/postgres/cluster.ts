import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { failure } from "../../model/errors.ts";
import { postgresBinaries, type PostgresBinaries } from "./binaries.ts";
import { postgresUser } from "./user.ts";

/** Changes when what initdb is called with changes. */
const clusterFormat = 1;
export const superuser = "postgres";

export interface PreparedCluster {
  /** An initialised data directory. Never start it: copy it. */
  readonly dataDirectory: string;
  /** The superuser's password in it, random. */
  readonly password: string;
}

/** The initialised data directory of this PostgreSQL in the cache, to copy from; initdb runs once for a version. */
export async function prepareCluster(cacheDirectory: string): Promise<PreparedCluster> {
  const binaries = await postgresBinaries(cacheDirectory);
  const home = join(cacheDirectory, `cluster-${binaries.version}-${String(clusterFormat)}`);
  if (!existsSync(home)) await initialise(binaries, home);
  return {
    dataDirectory: join(home, "data"),
    password: (await readFile(join(home, "password"), "utf8")).trim(),
  };
}

/** Copies the prepared cluster to a directory that does not exist; `complete` may add to it before it is there. */
export async function copyCluster(
  cluster: PreparedCluster,
  dataDirectory: string,
  complete: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${dataDirectory}.${randomBytes(4).toString("hex")}`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await cp(cluster.dataDirectory, draft, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await complete(draft);
  await rename(draft, dataDirectory);
}

async function initialise(binaries: PostgresBinaries, home: string): Promise<void> {
  const draft = `${home}.${randomBytes(4).toString("hex")}`;
  const dataDirectory = join(draft, "data");
  const passwordFile = join(draft, "password");
  await mkdir(dataDirectory, { recursive: true, mode: 0o755 });
  await writeFile(passwordFile, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  const user = postgresUser([binaries.postgres, dataDirectory]);
  await user.own(draft);
  const [command = "", ...args] = [
    ...user.prefix,
    binaries.initdb,
    ...initdbArguments(binaries, dataDirectory, passwordFile),
  ];
  try {
    await promisify(execFile)(command, args, {
      env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC", ...binaries.variables },
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      ...(user.gid === undefined ? {} : { gid: user.gid }),
    });
    await rename(draft, home).catch((error: unknown) => {
      // Another process was faster; its cluster is as good.
      if (!["ENOTEMPTY", "EEXIST"].includes(String((error as NodeJS.ErrnoException).code))) throw error;
    });
  } catch (error) {
    throw failure("PostgreSQL's initdb failed", {
      code: "POSTGRES_INITDB",
      output: (error as { stderr?: string }).stderr ?? String(error),
      cause: error,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** As the official image has it, but for the locale: the same on every machine, whatever it has installed. */
function initdbArguments(binaries: PostgresBinaries, dataDirectory: string, passwordFile: string): string[] {
  const builtin =
    Number(binaries.major) >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : [];
  return [
    `--pgdata=${dataDirectory}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    ...builtin,
    "--no-sync",
    "--no-instructions",
  ];
}
