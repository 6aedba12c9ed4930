import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ToolImage } from "./table.ts";
import { pathOfTool } from "./tools.ts";

const patienceMs = 20_000;

/** ` 0.72.0; the tag asks for 0.73.0`: what this machine's tool says of itself, where the image is known by its version. */
export async function versionText(
  { tools: [tool], version: words }: ToolImage,
  tag: string,
): Promise<string> {
  const asked = /^v?(\d+(?:\.\d+)*)/.exec(tag)?.[1];
  const program = tool === undefined ? undefined : pathOfTool(tool);
  if (words === undefined || program === undefined) return "";
  const has = await versionOf(program, words);
  if (asked === undefined) return has === undefined ? "" : ` ${has}`;
  if (has === undefined) return `, which does not tell its version; the tag asks for ${asked}`;
  return has === asked || has.startsWith(`${asked}.`) ? ` ${has}` : ` ${has}; the tag asks for ${asked}`;
}

async function versionOf(program: string, words: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, words, { cwd: "/", timeout: patienceMs });
    return /\d+\.\d+(\.\d+)*/.exec(`${stdout}\n${stderr}`)?.[0];
  } catch {
    return undefined;
  }
}
