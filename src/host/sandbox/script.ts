export interface ScriptInput {
  /** Absolute path of the run's scratch directory: fstab and the short names of layers are in it. */
  readonly scratch: string;
  readonly tools: { readonly mount: string; readonly pivotRoot: string; readonly umount: string };
  readonly command: readonly string[];
  /** Words before the command that change what it runs as. */
  readonly prefix: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Made when it is missing, for this `uid:gid`. */
  readonly workdir: string;
  readonly owner: string;
  readonly hasInput: boolean;
  /** A directory of cgroup v2. */
  readonly cgroup?: string | undefined;
  /** Whether sh looks for the program, or we did, and what we found missing. */
  readonly lookup: "inside" | { readonly missing: string | undefined };
}

/**
 * The program of a sandbox's first process, for sh. It mounts, makes the new root the root, runs the command, and
 * stays as its namespace's init. It comes through a socket, not an argument, since it has the step's variables.
 *
 * Descriptors: 0 the script, later read to learn of our end; 1 and 2 the command's output; 3 its input;
 * 4 what the sandbox says (`started`, `exited`, `quiet`, else an error text) and, back, when to go on.
 */
export function scriptOf(input: ScriptInput): string {
  const { scratch, tools, command } = input;
  const workdir = quote(input.workdir);
  return `fairway() {
exec 5<&0 6>&2 </dev/null 2>&4
read -r init _ </proc/self/stat
${input.cgroup === undefined ? "" : `echo 0 >${quote(`${input.cgroup}/cgroup.procs`)} || exit 1`}
cd ${quote(scratch)} || exit 1
${quote(tools.mount)} -n -i -a -T fstab >&4 || exit 1
cd m || exit 1
${quote(tools.pivotRoot)} . sys || exit 1
( read -r _ <&5; until kill -9 -1; do :; done ) >/dev/null 2>&1 4>&- 6>&- &
exec 2>/dev/null
(
read -r main _ </sys/proc/self/stat
${quote(tools.umount)} -n -l /sys 2>&4 || exit 1
umask 022
unset LC_ALL PWD OLDPWD SHLVL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd ${workdir} || {
mkdir -p ${workdir} 2>&4 && chown ${input.owner} ${workdir}
cd ${workdir} 2>&4 || exit 1
}
echo "started $init $main" >&4
unset PWD OLDPWD PATH
${exportsOf(input.variables)}
${lookupOf(input)}
exec 2>&6 ${input.hasInput ? "<&3 3<&-" : "</dev/null"} 4>&- 5<&- 6>&-
exec ${[...input.prefix, ...command].map(quote).join(" ")}
)
echo "exited $?" >&4
read -r _ <&4
kill -9 -1
echo quiet >&4
read -r _ <&4
exit 0
}
fairway
`;
}

/** Names that sh cannot export (`a.b`, `A-B`) are the caller's: it puts env(1) before the command. */
function exportsOf(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .filter(([name]) => isShellName(name))
    .map(([name, value]) => `export ${name}=${quote(value)}`)
    .join("\n");
}

/** The two ways in which a program is not found, in the words of the real engine's init. */
function lookupOf({ command, lookup }: ScriptInput): string {
  const program = command[0] ?? "";
  const name = quote(program);
  const refuse = (text: string) => `{ printf '%s\\n' ${quote(text)} >&6; exit 1; }`;
  if (lookup !== "inside") return lookup.missing === undefined ? "" : refuse(lookup.missing);
  if (program.includes("/") || program === "") {
    return `[ -e ${name} ] || ${refuse(`fork/exec ${program}: no such file or directory`)}
{ [ -f ${name} ] && [ -x ${name} ]; } || ${refuse(`fork/exec ${program}: permission denied`)}`;
  }
  return `(
IFS=:
for directory in $PATH; do
if [ -f "$directory/"${name} ] && [ -x "$directory/"${name} ]; then exit 0; fi
done
exit 1
) || ${refuse(`exec: "${program}": executable file not found in $PATH`)}`;
}

const readOnlyInSomeShells = new Set([
  "UID",
  "EUID",
  "PPID",
  "BASHOPTS",
  "SHELLOPTS",
  "BASH_VERSINFO",
  "IFS",
]);

export function isShellName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !readOnlyInSomeShells.has(name);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
