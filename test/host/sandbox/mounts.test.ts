import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SandboxStartError, type SandboxMount } from "../../../src/host/sandbox/sandbox.ts";
import { viewOf, type Layer } from "../../../src/host/layers/layers.ts";
import { Bench } from "./fixture.ts";

describe("a mount of a step", () => {
  let bench: Bench;
  let source: string;
  let app: Layer;
  beforeAll(async () => {
    bench = await Bench.open();
    app = await bench.layer(
      "mkdir -p /src/lib /src/gone; echo main >/src/main; echo lib >/src/lib/lib; touch /src/gone/x; chmod 750 /src/lib",
    );
  });
  beforeEach(async () => {
    source = await mkdtemp(join(tmpdir(), "fairway mount,:"));
    await writeFile(join(source, "file"), "of the host");
  });
  afterEach(() => rm(source, { recursive: true, force: true }));
  afterAll(() => bench[Symbol.asyncDispose]());

  /** Runs with these mounts, and answers what was changed in the root. */
  async function changed(script: string, mounts: readonly SandboxMount[]) {
    let output = "";
    const layer = await bench.layer(script, [], {
      mounts,
      onOutput: (_, chunk) => (output += chunk.toString()),
    });
    return { output, layer };
  }

  test("shows a part of a stack, whose changes go to its own directory and not to the root's", async () => {
    const upper = await bench.store.ensure("mount:upper", async (draft) => {
      const { output, layer } = await changed(
        "cd /app; cat main lib/lib; ls; echo new >lib/new; rm -rf gone; rm main; echo r > /root-file",
        [{ kind: "stack", target: "/app", stack: [app], path: "/src", upper: draft.path }],
      );
      expect(output).toBe("main\nlib\ngone\nlib\nmain\n");
      expect(await readdir(layer.path)).toEqual(["root-file"]);
    });
    const names: string[] = [];
    const view = viewOf([await under(app, "/src"), upper]);
    for await (const { path } of view.walk("/")) names.push(path);
    expect(names).toEqual(["lib", "lib/lib", "lib/new"]);
  });

  /** A layer of the store that has what a part of another one has. */
  async function under(layer: Layer, path: string): Promise<Layer> {
    const { cp } = await import("node:fs/promises");
    return bench.store.ensure(`under:${path.slice(1)}`, (draft) =>
      cp(join(layer.path, path), draft.path, { recursive: true }),
    );
  }

  test("of a stack without an upper directory is writable, and forgets", async () => {
    const mounts: SandboxMount[] = [{ kind: "stack", target: "/app", stack: [app], path: "/src" }];
    expect((await bench.sh("echo x >/app/new; rm /app/main; ls /app", { mounts })).stdout).toBe(
      "gone\nlib\nnew\n",
    );
    expect((await bench.sh("ls /app", { mounts })).stdout).toBe("gone\nlib\nmain\n");
    expect((await bench.sh("stat -c %a /app/lib", { mounts })).stdout).toBe("750\n");
  });

  test("of a whole root filesystem shows this machine's programs in it too", async () => {
    const mounts: SandboxMount[] = [
      { kind: "stack", target: "/other", stack: [...bench.standIn.stack, app], path: "/" },
    ];
    expect(
      (
        await bench.sh(
          "cat /other/src/main; test -x /other/usr/bin/env && echo env; ls /other/usr/local/bin | wc -l",
          { mounts },
        )
      ).stdout,
    ).toBe("main\nenv\n0\n");
  });

  test("of a stack that is read-only refuses writes", async () => {
    const mounts: SandboxMount[] = [
      { kind: "stack", target: "/app", stack: [app], path: "/src", readOnly: true },
      { kind: "stack", target: "/one", stack: [app], path: "/src/main", readOnly: true },
      { kind: "bind", target: "/app/made/within", source, readOnly: true },
    ];
    const ran = await bench.sh(
      "cat /app/main /one /app/made/within/file; echo x >/app/new; rm /app/main; echo x >/one; true",
      { mounts },
    );
    expect(ran.stdout).toBe("main\nmain\nof the host");
    expect(ran.stderr.match(/Read-only file system/g)).toHaveLength(3);
  });

  test("of one file of a stack", async () => {
    const mounts: SandboxMount[] = [{ kind: "stack", target: "/etc/one", stack: [app], path: "/src/main" }];
    const { output, layer } = await changed("cat /etc/one; echo changed >/etc/one; cat /etc/one", mounts);
    expect(output).toBe("main\nchanged\n");
    expect(await readdir(layer.path)).toEqual([]);
    expect(await readFile(join(app.path, "src/main"), "utf8")).toBe("main\n");
  });

  test("of a directory of this machine is read and written there", async () => {
    const { output, layer } = await changed("cat /deep/er/data/file; echo back >/deep/er/data/back", [
      { kind: "bind", target: "/deep/er/data", source, readOnly: false },
    ]);
    expect(output).toBe("of the host");
    expect(await readFile(join(source, "back"), "utf8")).toBe("back\n");
    expect(await readdir(layer.path)).toEqual([]);
  });

  test("that is read-only refuses writes, also of a file", async () => {
    const mounts: SandboxMount[] = [
      { kind: "bind", target: "/data", source, readOnly: true },
      { kind: "bind", target: "/run/secrets/token", source: join(source, "file"), readOnly: true },
    ];
    const ran = await bench.sh(
      "cat /run/secrets/token; echo x >/data/new; echo x >/run/secrets/token; true",
      { mounts },
    );
    expect(ran.stdout).toBe("of the host");
    expect(ran.stderr.match(/Read-only file system/g)).toHaveLength(2);
  });

  test("that is temporary is empty, mode 755, and forgotten", async () => {
    const mounts: SandboxMount[] = [{ kind: "temporary", target: "/var/scratch", sizeBytes: 65536 }];
    const { output, layer } = await changed(
      "stat -c %a /var/scratch; ls -A /var/scratch; echo x >/var/scratch/x; head -c 100000 /dev/zero >/var/scratch/big 2>/dev/null || echo full",
      mounts,
    );
    expect(output).toBe("755\nfull\n");
    expect(await readdir(layer.path)).toEqual([]);
  });

  test("within another mount is there too, whatever the order", async () => {
    const cache = join(source, "cache");
    await mkdir(cache);
    await writeFile(join(cache, "c"), "");
    const { output, layer } = await changed("ls /app/node_modules/.cache /app/tmp/inner /app/data/deep", [
      { kind: "bind", target: "/app/node_modules/.cache", source: cache, readOnly: false },
      { kind: "bind", target: "/app/data/deep", source: cache, readOnly: true },
      { kind: "stack", target: "/app", stack: [app], path: "/src" },
      { kind: "temporary", target: "/app/tmp" },
      { kind: "bind", target: "/app/tmp/inner", source: cache, readOnly: true },
      { kind: "bind", target: "/app/data", source, readOnly: false },
    ]);
    expect(output).toBe("/app/data/deep:\nc\n\n/app/node_modules/.cache:\nc\n\n/app/tmp/inner:\nc\n");
    expect(await readdir(layer.path)).toEqual([]);
  });

  test("at a symlink stands where the symlink leads to, inside", async () => {
    const linked = await bench.layer("mkdir /real; ln -s /real /alias; ln -s /etc /escape");
    const mounts: SandboxMount[] = [
      { kind: "bind", target: "/alias/data", source, readOnly: true },
      { kind: "bind", target: "/var/run/x", source, readOnly: true },
      { kind: "bind", target: "/escape/mounted", source, readOnly: true },
    ];
    expect(
      (await bench.sh("cat /real/data/file /run/x/file /etc/mounted/file", { stack: [linked], mounts }))
        .stdout,
    ).toBe("of the host".repeat(3));
    await expect(stat("/etc/mounted")).rejects.toThrow();
  });

  test("leaves the attributes of the directories on its way as they are", async () => {
    const layer = await bench.layer("mkdir -p /way/to; chmod 711 /way; touch -d 2001-01-01 /way");
    const mounts: SandboxMount[] = [{ kind: "bind", target: "/way/to/made/here", source, readOnly: true }];
    expect((await bench.sh("stat -c '%a %Y' /way", { stack: [layer], mounts })).stdout).toBe(
      (await bench.sh("stat -c '%a %Y' /way", { stack: [layer] })).stdout,
    );
  });

  test("that cannot be made says why before anything runs", async () => {
    const cases: [SandboxMount, RegExp][] = [
      [{ kind: "bind", target: "/x", source: join(source, "missing"), readOnly: true }, /does not exist/],
      [
        { kind: "bind", target: "/etc", source: join(source, "file"), readOnly: true },
        /a file cannot be mounted over a directory/,
      ],
      [{ kind: "bind", target: "/", source, readOnly: true }, /root directory/],
    ];
    for (const [mount, message] of cases) {
      const failed = bench.sh("true", { mounts: [mount] });
      await expect(failed).rejects.toBeInstanceOf(SandboxStartError);
      await expect(failed).rejects.toThrow(message);
    }
  });
});
