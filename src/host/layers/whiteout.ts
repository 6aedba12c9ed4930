import { execFile } from "node:child_process";
import { access, link, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { failure } from "../../model/errors.ts";

/**
 * Makes whiteouts: character devices 0/0, which hide what lower layers have under the name. Node cannot make
 * devices, so one is made by mknod(1) for the whole store and then hard-linked, as overlayfs does itself.
 */
export async function makeWhiteout(storeRoot: string, path: string): Promise<void> {
  const original = join(storeRoot, "whiteout");
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { recursive: true, force: true });
  try {
    await link(original, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") await makeOriginal(original);
    else if (code === "EMLINK") await renewOriginal(original);
    else throw error;
    await link(original, path);
  }
}

async function makeOriginal(original: string): Promise<void> {
  if (
    await access(original).then(
      () => true,
      () => false,
    )
  )
    return;
  await renewOriginal(original);
}

async function renewOriginal(original: string): Promise<void> {
  const fresh = `${original}.${String(process.pid)}`;
  await rm(fresh, { force: true });
  try {
    await promisify(execFile)("mknod", ["-m", "0644", fresh, "c", "0", "0"]);
  } catch (error) {
    throw failure(`cannot make a whiteout in ${dirname(original)}`, {
      code: "WHITEOUT_FAILED",
      remedy:
        "install mknod (coreutils) and keep the cache on a filesystem that holds device files; FAIRWAY_CACHE_DIR moves it",
      cause: error,
    });
  }
  await rename(fresh, original);
}
