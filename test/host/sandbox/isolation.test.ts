import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Bench, isRoot } from "./fixture.ts";

describe("a step does not see this machine", () => {
  let bench: Bench;
  let own: string;
  beforeAll(async () => {
    bench = await Bench.open();
    own = await mkdtemp(join(tmpdir(), "fairway-private-"));
    await writeFile(join(own, "key"), "private");
  });
  afterAll(async () => {
    await rm(own, { recursive: true, force: true });
    await bench[Symbol.asyncDispose]();
  });

  test("files of /root, /home, /tmp, /var, /opt and of the working directory", async () => {
    const homes = await bench.sh("ls -A /root /home /opt /srv /mnt /tmp /var/lib /var/tmp /var/log");
    expect(homes.stdout.split("\n").filter((line) => line !== "" && !line.endsWith(":"))).toEqual([]);
    for (const path of [
      own,
      process.cwd(),
      homedir() === "/root" ? "/root/.npmrc" : homedir(),
      "/var/run/docker.sock",
      "/lost+found",
    ]) {
      expect({ path, ...(await bench.run(["test", "-e", path])) }).toMatchObject({ path, exitCode: 1 });
    }
  });

  test("its top directory has only an image's names", async () => {
    const { stdout } = await bench.sh("ls /");
    const usual = [
      "bin",
      "boot",
      "dev",
      "etc",
      "home",
      "lib",
      "lib32",
      "lib64",
      "libx32",
      "media",
      "mnt",
      "opt",
      "proc",
      "root",
      "run",
      "sbin",
      "srv",
      "sys",
      "tmp",
      "usr",
      "var",
    ];
    expect(stdout.split("\n").filter((name) => name !== "" && !usual.includes(name))).toEqual([]);
  });

  test("its accounts and keys in /etc", async () => {
    const { stdout } = await bench.sh(
      "cut -d: -f1 /etc/passwd; ls /etc/shadow /etc/ssh /etc/ssl/private /etc/sudoers /etc/machine-id 2>/dev/null; grep -rl 'PRIVATE KEY-----' /etc; true",
    );
    const { username } = await import("node:os").then(({ userInfo }) => userInfo());
    const named = [
      "root",
      "nobody",
      "daemon",
      "bin",
      "sys",
      "sync",
      "games",
      "man",
      "mail",
      "www-data",
      "backup",
    ];
    expect(stdout.split("\n").filter((line) => line !== "" && !named.includes(line))).toEqual([]);
    expect(named.includes(username) || !stdout.includes(username)).toBe(true);
  });

  test("its environment, but for what reaches the network", async () => {
    process.env["FAIRWAY_TEST_SECRET"] = "canary-1234";
    process.env["HTTPS_PROXY"] = "http://127.0.0.1:9";
    try {
      const { stdout } = await bench.sh(
        "env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'",
      );
      expect(stdout).not.toContain("canary-1234");
      expect(stdout).toContain("HTTPS_PROXY=http://127.0.0.1:9");
      const allowed =
        /^(PATH|HOME|PWD|SHLVL|_|OLDPWD|HTTPS_PROXY|(https?|no|all)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i;
      const { stdout: names } = await bench.sh("env | cut -d= -f1");
      expect(names.split("\n").filter((name) => name !== "" && !allowed.test(name))).toEqual([]);
    } finally {
      delete process.env["FAIRWAY_TEST_SECRET"];
      delete process.env["HTTPS_PROXY"];
    }
  });

  test("a certificate bundle that the environment names is there under its name", async () => {
    const bundle = join(own, "authorities.pem");
    await writeFile(bundle, "a certificate");
    const before = process.env["NODE_EXTRA_CA_CERTS"];
    process.env["NODE_EXTRA_CA_CERTS"] = bundle;
    try {
      const { stdout } = await bench.sh('cat "$NODE_EXTRA_CA_CERTS"; ls "$(dirname "$NODE_EXTRA_CA_CERTS")"');
      expect(stdout).toBe("a certificateauthorities.pem\n");
    } finally {
      if (before === undefined) delete process.env["NODE_EXTRA_CA_CERTS"];
      else process.env["NODE_EXTRA_CA_CERTS"] = before;
    }
  });

  test("files that we have open, not even those that we were started with", async () => {
    const file = join(own, "program.ts");
    await writeFile(
      file,
      `import { openLayerStore } from ${JSON.stringify(join(import.meta.dirname, "../../../src/host/layers/layers.ts"))};
       import { createSandbox } from ${JSON.stringify(join(import.meta.dirname, "../../../src/host/sandbox/sandbox.ts"))};
       const sandbox = createSandbox({ store: await openLayerStore(process.argv[2]!) });
       const standIn = await sandbox.standIn("debian:12");
       await sandbox.run({ standIn, stack: [], mounts: [], command: ["ls", "-l", "/proc/self/fd"], variables: standIn.variables,
         workdir: "/", user: "", hosts: {}, onOutput: (_, chunk) => process.stdout.write(chunk) });`,
    );
    const { spawnSync } = await import("node:child_process");
    const { closeSync, openSync } = await import("node:fs");
    const directory = openSync(own, "r");
    const stdio = ["ignore", "pipe", "inherit", ...Array.from({ length: 20 }, () => directory)] as const;
    const { stdout } = spawnSync(process.execPath, [file, bench.root], {
      stdio: [...stdio],
      encoding: "utf8",
    });
    closeSync(directory);
    expect(stdout).toContain("/dev/null");
    expect(stdout).not.toContain(own);
  });

  test("its processes", async () => {
    const { stdout } = await bench.sh(
      "ls /proc | grep -c '^[0-9]'; kill -0 " + String(process.pid) + " 2>/dev/null; echo $?",
    );
    const [count, killed] = stdout.split("\n");
    expect(Number(count)).toBeLessThan(8);
    expect(killed).not.toBe("0");
  });

  test("its mounts, and cannot add any", async () => {
    const { stdout } = await bench.sh("cut -d' ' -f2 /proc/mounts");
    const expected =
      /^\/(|usr|bin|sbin|lib\w*|proc|dev\/(null|zero|full|random|urandom|tty|shm|pts)|etc\/(hosts|resolv\.conf)|.*authorities\.pem|.*\.(crt|pem))$/;
    expect(stdout.split("\n").filter((mount) => mount !== "" && !expected.test(mount))).toEqual([]);
    if (isRoot) expect((await bench.sh("mount -t tmpfs none /mnt")).exitCode).not.toBe(0);
  });

  test.runIf(isRoot)("its disks: a device node that a step makes does not open", async () => {
    const { stdout } = await bench.sh(
      "mknod /disk b 254 0 && cat /disk >/dev/null 2>&1; echo $?; mknod /null c 1 3 && echo x >/null 2>/dev/null; echo $?",
    );
    expect(stdout.split("\n").slice(0, 2)).not.toContain("0");
  });

  test("what this machine has in /usr/local, its node, npm, pnpm and yarn", async () => {
    expect((await bench.sh("find /usr/local -mindepth 2")).stdout).toBe("");
    for (const tool of ["node", "npm", "npx", "corepack", "pnpm", "yarn"]) {
      expect((await bench.sh(`command -v ${tool}`)).stdout).toBe("");
    }
    expect((await bench.sh("ls /usr/lib/node_modules /usr/etc/npmrc")).stdout).toBe("");
  });

  test("and this machine does not see what a step does to it", async () => {
    await bench.sh(
      `mkdir -p ${own}; echo changed > ${own}/key; echo x > /usr/bin/fairway-made; rm -f /usr/bin/env`,
    );
    const { readFile, access } = await import("node:fs/promises");
    expect(await readFile(join(own, "key"), "utf8")).toBe("private");
    await expect(access("/usr/bin/fairway-made")).rejects.toThrow();
    await access("/usr/bin/env");
  });
});
