import { readdir, readFile, readlink } from "node:fs/promises";

export interface Leftover {
  readonly processId: number;
  readonly command: string;
}

/** The processes, other than this one, that have to do with a directory: by command line, environment or cwd. */
export async function processesOf(directory: string): Promise<Leftover[]> {
  const ids = await readdir("/proc").catch(() => []);
  const found = await Promise.all(
    ids.filter((name) => /^\d+$/.test(name)).map((id) => inspect(id, directory)),
  );
  return found.filter((process) => process !== null);
}

async function inspect(id: string, directory: string): Promise<Leftover | null> {
  if (Number(id) === process.pid) return null;
  const read = (name: string) => readFile(`/proc/${id}/${name}`, "utf8").catch(() => "");
  const [command, environment, state] = await Promise.all([read("cmdline"), read("environ"), read("status")]);
  const place = await readlink(`/proc/${id}/cwd`).catch(() => "");
  const concerns = [command, environment, place].some((text) => text.includes(directory));
  if (!concerns || /^State:\s+Z/m.test(state)) return null;
  return { processId: Number(id), command: command.replaceAll("\0", " ").trim() };
}
