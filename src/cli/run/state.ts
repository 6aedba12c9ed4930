import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Makes the project's state directory, which git ignores by a file of its own. */
export async function ensureState(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, ".gitignore"), "*\n", { flag: "wx" }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
  return directory;
}
