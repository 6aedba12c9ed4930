import { readFileSync, realpathSync } from "node:fs";

/** A line of fstab(5), for mount(8). */
export function fstabLine(source: string, target: string, type: string, options: string): string {
  return `${escape(source)} ${escape(target)} ${type} ${options} 0 0\n`;
}

/** A bind mount in a user namespace must keep the flags that its source's mount is locked to. */
export function lockedFlags(path: string): string {
  const source = realpathSync(path);
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter((fields) => fields.length > 6)
    .map((fields) => ({ at: unescapeMountinfo(fields[4]!), flags: fields[5]!.split(",") }))
    .filter(({ at }) => at === "/" || source === at || source.startsWith(`${at}/`));
  const flags = mounts.reduce((a, b) => (b.at.length >= a.at.length ? b : a), {
    at: "",
    flags: [] as string[],
  }).flags;
  return flags
    .filter((flag) => ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime"].includes(flag))
    .map((flag) => `,${flag}`)
    .join("");
}

function unescapeMountinfo(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

function escape(text: string): string {
  return text.replaceAll(
    /[\s\\#]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
