import type { View } from "../layers/layers.ts";
import { SandboxStartError } from "./errors.ts";

export interface StepUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups by /etc/group. */
  readonly groups: readonly number[];
  readonly home: string;
  /** `uid:gid`, for chown. */
  readonly owner: string;
}

/**
 * Finds who a step runs as: `""`, a name or number, `user:group`; in the sandbox's own files.
 * @throws SandboxStartError in the words of the real engine
 */
export async function resolveUser(wanted: string, view: View): Promise<StepUser> {
  const [userPart, groupPart] = wanted.split(":", 2);
  const name = userPart === undefined || userPart === "" ? "0" : userPart;
  const passwd = await linesOf(view, "/etc/passwd");
  const entry =
    passwd.find((fields) => fields[0] === name) ??
    passwd.find((fields) => isNumber(name) && Number(fields[2]) === Number(name));
  if (entry === undefined && !isNumber(name)) {
    throw new SandboxStartError(`unable to find user ${name}: no matching entries in passwd file`);
  }
  const groups = await linesOf(view, "/etc/group");
  const uid = entry === undefined ? Number(name) : Number(entry[2]);
  const gid =
    groupPart === undefined || groupPart === "" ? Number(entry?.[3] ?? 0) : groupOf(groupPart, groups);
  const member = entry?.[0];
  return {
    uid,
    gid,
    groups:
      groupPart === undefined && member !== undefined
        ? groups
            .filter((fields) => fields[3]?.split(",").includes(member) === true)
            .map((fields) => Number(fields[2]))
        : [],
    home: entry?.[5] ?? (uid === 0 ? "/root" : "/"),
    owner: `${String(uid)}:${String(gid)}`,
  };
}

function groupOf(name: string, groups: readonly (readonly string[])[]): number {
  const entry = groups.find((fields) => fields[0] === name);
  if (entry !== undefined) return Number(entry[2]);
  if (isNumber(name)) return Number(name);
  throw new SandboxStartError(`unable to find group ${name}: no matching entries in group file`);
}

async function linesOf(view: View, path: string): Promise<string[][]> {
  const entry = await view.stat(path);
  if (entry?.type !== "file") return [];
  return (await view.read(path))
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"));
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
