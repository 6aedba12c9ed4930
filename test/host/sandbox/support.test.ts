import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRoot } from "./fixture.ts";

describe.runIf(isRoot)("what a machine can do", () => {
  test("is said with the variable that moves the cache, when its filesystem cannot take an overlay's changes", async () => {
    // The upper directory of an overlay cannot itself be on an overlay.
    const support = await supportIn(
      'mkdir "$1/l" "$1/u" "$1/w" "$1/m" && mount -n -t overlay -o "lowerdir=$1/l,upperdir=$1/u,workdir=$1/w" o "$1/m" && cd "$1/m"',
    );
    expect(support).toMatchObject({
      kind: "none",
      remedy: expect.stringContaining("FAIRWAY_CACHE_DIR") as string,
    });
  });

  test("is more as root than in a user namespace, where nothing may be mounted in /usr", async () => {
    const mount = 'mount -n -t tmpfs none /usr/share/doc && cd "$1"';
    expect(await supportIn(mount)).toEqual({ kind: "root" });
    const said = await supportIn(
      `${mount} && chmod 755 . && chown 65534:65534 .`,
      [],
      ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    );
    expect(said).toMatchObject({ kind: "none", reason: expect.stringContaining("/usr/share/doc") as string });
  });

  test("is said with the remedy, when it refuses namespaces", async () => {
    const support = await supportIn('cd "$1" && echo 0 >/proc/sys/user/max_mnt_namespaces', [
      "--user",
      "--map-root-user",
    ]);
    expect(support).toMatchObject({ kind: "none", reason: expect.stringContaining("unshare") as string });
  });
});

/** Asks a process of its own namespaces, which a script prepares in a directory of ours. */
async function supportIn(
  script: string,
  namespaces: readonly string[] = [],
  become: readonly string[] = [],
): Promise<unknown> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-support-"));
  try {
    const program = join(import.meta.dirname, "say-support.ts");
    const ran = spawnSync(
      "unshare",
      [
        ...namespaces,
        "--mount",
        "sh",
        "-c",
        `${script} && directory="$PWD" && shift && exec "$@" "$directory/store"`,
        "sh",
        directory,
        ...become,
        process.execPath,
        program,
      ],
      { encoding: "utf8" },
    );
    expect(ran.stderr).toBe("");
    return JSON.parse(ran.stdout);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
