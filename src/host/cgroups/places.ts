/** Where cgroup v2 is mounted, by proc_pid_mountinfo(5); undefined where it is not. */
export function mountOf(mountInfo: string): string | undefined {
  for (const line of mountInfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    if (after.startsWith("cgroup2 ")) return before.split(" ")[4];
  }
  return undefined;
}

/** The path of this process in the tree of cgroup v2, by cgroups(7). */
export function ownPathOf(cgroup: string): string {
  return /^0::(.*)$/m.exec(cgroup)?.[1] ?? "/";
}
