import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { viewOf, type Layer } from "../../../src/host/layers/layers.ts";
import { Bench, isRoot } from "./fixture.ts";

describe("a step in a root filesystem without a stand-in", () => {
  let bench: Bench;
  /** A userland of its own, in small: a shell and a few programs with their libraries. */
  let image: Layer;
  beforeAll(async () => {
    bench = await Bench.open();
    image = await bench.store.ensure("own:userland", async ({ path }) => {
      const list = await bench.sh(
        "for p in /bin/sh /bin/ls /bin/cat /usr/bin/id /usr/bin/env; do ldd $p | grep -o '/[^ ]*'; done | sort -u",
      );
      const files = [
        "/bin/sh",
        "/bin/ls",
        "/bin/cat",
        "/usr/bin/id",
        "/usr/bin/env",
        ...list.stdout.split("\n").filter(Boolean),
      ];
      for (const file of files) {
        await mkdir(join(path, file, ".."), { recursive: true });
        await cp(file, join(path, file), { dereference: true });
      }
      await mkdir(join(path, "etc"));
      await writeFile(join(path, "etc/passwd"), "root:x:0:0::/:/bin/sh\napp:x:500:501::/srv/app:/bin/sh\n");
    });
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const variables = { PATH: "/usr/bin:/bin" };

  test("has its own files only, /proc, /dev, and the names of the network", async () => {
    const { stdout, stderr } = await bench.sh(
      "ls /; ls /dev/null /proc/self/exe; cat /etc/hosts; ls /mnt /root",
      { standIn: null, stack: [image], variables },
    );
    expect(stdout).toMatch(/^bin\ndev\netc\nlib\w*\n(lib\w*\n)*proc\nusr\n/);
    expect(stdout).toContain("127.0.0.1 localhost");
    expect(stderr.match(/cannot access '\/(mnt|root)'/g)).toHaveLength(2);
  });

  test("runs in its workdir, as its user, with its mounts; and keeps its changes", async () => {
    const layer = await bench.store.ensure("own:changes", async ({ path }) => {
      const ran = await bench.sh("id -u; echo x >made; echo y >/made; cat /data/file", {
        standIn: null,
        stack: [image],
        variables,
        workdir: "/work/dir",
        upper: path,
        mounts: [
          {
            kind: "stack",
            target: "/data",
            stack: [await bench.layer("mkdir /d; echo of the mount >/d/file")],
            path: "/d",
          },
        ],
      });
      expect(ran).toEqual({ exitCode: 0, stdout: "0\nof the mount\n", stderr: "" });
    });
    const paths: string[] = [];
    for await (const { path } of viewOf([layer]).walk("/")) paths.push(path);
    expect(paths).toEqual(["made", "work", "work/dir", "work/dir/made"]);
    const user = await bench.sh("id -u; id -g; echo $HOME", {
      standIn: null,
      stack: [image],
      variables,
      user: "app",
    });
    expect(user.stdout).toBe(isRoot ? "500\n501\n/srv/app\n" : "0\n0\n/srv/app\n");
  });

  test("that is empty, or lacks the program, says so as the real engine does", async () => {
    expect(await bench.run(["true"], { standIn: null, variables })).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: 'exec: "true": executable file not found in $PATH\n',
    });
    expect((await bench.run(["/no/such"], { standIn: null, stack: [image], variables })).stderr).toBe(
      "fork/exec /no/such: no such file or directory\n",
    );
    expect((await bench.run(["/etc/passwd"], { standIn: null, stack: [image], variables })).stderr).toBe(
      "fork/exec /etc/passwd: permission denied\n",
    );
  });
});
