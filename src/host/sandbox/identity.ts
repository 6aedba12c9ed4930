import type { Mechanics } from "./support.ts";
import type { StepUser } from "./user.ts";

/** Docker's default capabilities but for mknod: enough for what images do, too few to touch this machine. */
const keptCapabilities = [
  ...["chown", "dac_override", "fsetid", "fowner", "net_raw", "setgid", "setuid", "setfcap", "setpcap"],
  ...["net_bind_service", "sys_chroot", "kill", "audit_write"],
];

/**
 * The words before a command that make it run as this user: by setpriv(1) where it is, else by unshare(1). In a
 * user namespace there is but one user. `root` makes another directory the root first.
 */
export function becomeUser(
  user: StepUser,
  { kind, tools: { setpriv, unshare } }: Mechanics,
  place?: { readonly root: string; readonly workdir: string },
): string[] {
  const asRoot = user.uid === 0 && user.gid === 0 && user.groups.length === 0;
  const move = place === undefined ? [] : [`--root=${place.root}`, `--wd=${place.workdir}`];
  const ids = [`--setgid=${String(user.gid)}`, `--setuid=${String(user.uid)}`];
  if (kind === "user-namespace") return move.length === 0 ? [] : [unshare, ...move, "--"];
  const last = [...move, ...(asRoot ? [] : ids)];
  if (setpriv === undefined) return last.length === 0 ? [] : [unshare, ...last, "--"];
  const fewer = [
    "--inh-caps=-all",
    `--bounding-set=-all,${keptCapabilities.map((name) => `+${name}`).join(",")}`,
  ];
  if (move.length > 0) return [setpriv, ...fewer, "--", unshare, ...last, "--"];
  const groups = user.groups.length === 0 ? "--clear-groups" : `--groups=${user.groups.join(",")}`;
  return [setpriv, `--reuid=${String(user.uid)}`, `--regid=${String(user.gid)}`, groups, ...fewer, "--"];
}
