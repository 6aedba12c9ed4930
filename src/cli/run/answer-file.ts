import { lstat, mkdir, open, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { usageError } from "../../model/errors.ts";
import type { FunctionCall } from "../commands/invocation.ts";
import { isExported } from "../hosting/hosting.ts";
import type { Places } from "../places.ts";

/**
 * Tells before anything is run that an answer could not be written; makes the directory that it is to be in.
 * @throws FairwayError OUTPUT_UNWRITABLE (exit 2)
 */
export async function requireAnswerFile(
  call: FunctionCall,
  { workdir }: Pick<Places, "workdir">,
): Promise<void> {
  const { out } = call.options;
  if (out === undefined || isExported(call)) return;
  const path = resolve(workdir, out);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true || out.endsWith("/"))
    throw unwritable(out, "it is a directory, and the answer is one file");
  // A pipe is opened once, by who writes to it; a link to nothing is not ours to take away.
  const isLeft = found === undefined ? await isThere(path) : !found.isFile();
  if (isLeft) return;
  try {
    await mkdir(dirname(path), { recursive: true });
    await (await open(path, "a")).close();
    if (found === undefined) await rm(path);
  } catch (error) {
    throw unwritable(out, (error as Error).message, error);
  }
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function unwritable(out: string, why: string, cause?: unknown): Error {
  return usageError(`the answer cannot be written to ${out}: ${why}`, {
    code: "OUTPUT_UNWRITABLE",
    remedy: "Name another file. Nothing has been run.",
    cause,
  });
}
