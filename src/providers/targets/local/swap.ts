import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { holdsData } from "../../../host/postgres/postgres.ts";

/** A data directory on its way to take the place of the one that a server ran on. Two renames are not one step. */
export interface Swap {
  /** The directory that a server is started on. */
  readonly data: string;
  /** What is to be put there. */
  readonly draft: string;
  /** Where what was there stays, until the other one has answered. */
  readonly replaced: string;
}

/** Nothing runs on either of them. */
export async function exchange({ data, draft, replaced }: Swap): Promise<void> {
  await rm(replaced, { recursive: true, force: true });
  if (holdsData(data)) {
    await mkdir(dirname(replaced), { recursive: true, mode: 0o700 });
    await rename(data, replaced);
  } else await rm(data, { recursive: true, force: true });
  await mkdir(dirname(data), { recursive: true });
  await rename(draft, data);
}

/** Puts back what was there, from wherever an exchange was cut off: no data is lost on any way through it. */
export async function takeBack({ data, draft, replaced }: Swap): Promise<void> {
  if (existsSync(replaced)) {
    await rm(data, { recursive: true, force: true });
    await rename(replaced, data);
  }
  await rm(draft, { recursive: true, force: true });
}

export function swapOf(paths: { readonly postgres: string; readonly backups: string }, major: string): Swap {
  return {
    data: join(paths.postgres, major),
    draft: join(paths.postgres, ".restoring"),
    replaced: join(paths.backups, ".replaced", "data"),
  };
}
