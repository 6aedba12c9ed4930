import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { viewOf } from "../../../src/host/layers/layers.ts";
import { createSandbox, type StandIn } from "../../../src/host/sandbox/sandbox.ts";
import { chromeOf } from "../../../src/host/sandbox/stand-ins/chrome.ts";
import { Bench } from "./fixture.ts";

describe("the stand-in for node:*", () => {
  let bench: Bench;
  let node: StandIn;
  beforeAll(async () => {
    bench = await Bench.open();
    node = await bench.sandbox.standIn("node:24-slim");
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const inNode = (script: string) => bench.sh(script, { standIn: node, variables: node.variables });

  test("has the Node that runs Fairway, with npm and npx, and says so", async () => {
    expect(
      (
        await inNode(
          "for name in node npm npx; do command -v $name; done; node -p process.version; node -p process.execPath",
        )
      ).stdout,
    ).toBe(
      `/usr/local/bin/node\n/usr/local/bin/npm\n/usr/local/bin/npx\n${process.version}\n/usr/local/bin/node\n`,
    );
    expect((await inNode("npm --version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(node.notes.join()).toContain(`Node ${process.versions.node}`);
    expect(node.variables["NODE_VERSION"]).toBe(process.versions.node);
    expect(node.defaultCommand).toEqual(["node"]);
  });

  test("names another major version than the tag asks for, and no other", async () => {
    const major = process.versions.node.split(".")[0]!;
    expect((await bench.sandbox.standIn("node:4-slim")).notes.join()).toContain("the tag asks for Node 4");
    for (const reference of [
      `node:${major}`,
      "node",
      "node:lts",
      `docker.io/library/node:${major}.1.0@sha256:${"0".repeat(64)}`,
    ]) {
      expect((await bench.sandbox.standIn(reference)).notes.join()).not.toContain("the tag asks for");
    }
  });

  test("is the same for the same Node at another place, so that a second clone finds its steps cached", async () => {
    const directory = await mkdtemp(join(tmpdir(), "fairway-node-"));
    try {
      await copyFile(process.execPath, join(directory, "node"));
      const [sandbox, layers] = ["sandbox/sandbox", "layers/layers"].map(
        (path) => new URL(`../../../src/host/${path}.ts`, import.meta.url).href,
      );
      const script = `
        const { createSandbox } = await import(${JSON.stringify(sandbox)});
        const { openLayerStore } = await import(${JSON.stringify(layers)});
        const store = await openLayerStore(${JSON.stringify(bench.store.root)});
        const { stack } = await createSandbox({ store }).standIn("node:24-slim");
        console.log(JSON.stringify(stack.map(({ id }) => id)));`;
      const { stdout } = await execa(join(directory, "node"), ["--input-type=module", "--eval", script]);
      expect(JSON.parse(stdout)).toEqual(node.stack.map(({ id }) => id));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test("stands in for images with browsers too, of which it has this machine's own, and says so", async () => {
    const image = await bench.sandbox.standIn("mcr.microsoft.com/playwright:v1.65.1-noble");
    expect(image.notes.join()).toMatch(/with Node .*; of its browsers only this machine's own is there/);
    expect(image.stack).toEqual(node.stack);
  });

  test("shows Google Chrome of this machine at its place, and is another stand-in when Chrome is another", async () => {
    expect(await chromeOf(bench.store, "/nowhere")).toEqual({ layers: [], mounts: [] });
    const directory = await mkdtemp(join(tmpdir(), "fairway-chrome-"));
    try {
      await writeFile(join(directory, "chrome"), "#!/bin/sh\necho Google Chrome 156\n", { mode: 0o755 });
      const chrome = await chromeOf(bench.store, directory);
      const shown = { stack: chrome.layers, mounts: chrome.mounts };
      const ran = await bench.sh("/opt/google/chrome/chrome --version", { standIn: node, ...shown });
      expect(ran.stdout).toBe("Google Chrome 156\n");
      await writeFile(join(directory, "chrome"), "#!/bin/sh\necho Google Chrome 1567\n");
      const ids = ({ layers }: Awaited<ReturnType<typeof chromeOf>>) => layers.map(({ id }) => id);
      expect(ids(await chromeOf(bench.store, directory))).not.toEqual(ids(chrome));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test("has the user node with a home of its own", async () => {
    expect((await inNode("id -u node; grep ^node: /etc/group")).stdout).toBe("1000\nnode:x:1000:\n");
    expect(await viewOf(node.stack).stat("/home/node")).toMatchObject({ uid: 1000, gid: 1000 });
    const ran = await bench.sh("touch ~/x && echo $HOME", {
      standIn: node,
      variables: node.variables,
      user: "node",
    });
    expect(ran.stdout).toBe("/home/node\n");
  });

  test("has no corepack, pnpm or yarn, and takes pnpm from the registry's npm", async () => {
    expect((await inNode("ls /usr/local/bin /usr/local/lib/node_modules")).stdout).toBe(
      "/usr/local/bin:\nnode\nnodejs\nnpm\nnpx\n\n/usr/local/lib/node_modules:\nnpm\n",
    );
    expect((await inNode("npm prefix --global; npm config get globalconfig")).stdout).toBe(
      "/usr/local\n/usr/local/etc/npmrc\n",
    );
  });

  test("can be added to: a program below /usr/local and a file in /usr/bin", async () => {
    const layer = await bench.layer(
      "echo x >/usr/bin/fairway-x; echo y >/usr/local/lib/node_modules/y; echo z >/usr/lib/z",
      [],
      { standIn: node },
    );
    expect(
      (
        await bench.sh("cat /usr/bin/fairway-x /usr/local/lib/node_modules/y /usr/lib/z", {
          standIn: node,
          stack: [layer],
        })
      ).stdout,
    ).toBe("x\ny\nz\n");
  });
});

describe("the npmrc of node:*", () => {
  let home: string;
  let bench: Bench;
  const before = { ...process.env };
  beforeAll(async () => {
    bench = await Bench.open();
  });
  afterAll(() => bench[Symbol.asyncDispose]());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "fairway-home-"));
    for (const name of Object.keys(process.env))
      if (/^npm_config_/i.test(name)) Reflect.deleteProperty(process.env, name);
    process.env["HOME"] = home;
    process.env["npm_config_globalconfig"] = join(home, "global-npmrc");
  });
  afterEach(async () => {
    for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
    await rm(home, { recursive: true, force: true });
  });

  const settings = async () => {
    const { stack } = await createSandbox({ store: bench.store }).standIn("node:24");
    return { text: (await viewOf(stack).read("/usr/local/etc/npmrc")).toString(), view: viewOf(stack) };
  };

  test("has the registry and the certificates of this machine's npm, and no token", async () => {
    await writeFile(join(home, "ca.pem"), "certificate authorities");
    await writeFile(
      join(home, ".npmrc"),
      `; mine\nregistry = "http://user:canary-1@127.0.0.1:4873/npm/"\n//127.0.0.1:4873/:_authToken=canary-2\n_auth=canary-3\ncafile=${home}/ca.pem\nscripts-prepend-node-path=true\n`,
    );
    const { text, view } = await settings();
    expect(text).toBe(
      "registry=http://127.0.0.1:4873/npm/\ncafile=/usr/local/share/ca-certificates/npm.crt\n",
    );
    expect((await view.read("/usr/local/share/ca-certificates/npm.crt")).toString()).toBe(
      "certificate authorities",
    );
    for await (const { path, entry } of viewOf((await bench.sandbox.standIn("node:24")).stack.slice(-1)).walk(
      "/usr/local/etc",
    )) {
      if (entry.type === "file")
        expect([path, await readFile(entry.diskPath, "utf8")].join()).not.toContain("canary");
    }
  });

  test("follows npm's precedence: environment, user, global; and expands variables", async () => {
    process.env["MIRROR"] = "127.0.0.1:1";
    await writeFile(join(home, "global-npmrc"), "registry=http://127.0.0.1:2/\n");
    expect((await settings()).text).toContain("registry=http://127.0.0.1:2/\n");
    await writeFile(join(home, ".npmrc"), "registry=http://${MIRROR}/\n");
    expect((await settings()).text).toContain("registry=http://127.0.0.1:1/\n");
    process.env["NPM_CONFIG_REGISTRY"] = "http://127.0.0.1:3/";
    expect((await settings()).text).toContain("registry=http://127.0.0.1:3/\n");
  });

  test("is empty where npm has its defaults", async () => {
    process.env["npm_config_prefix"] = home;
    expect((await settings()).text).not.toContain("registry");
  });

  test("comes with npm also when pnpm runs us", async () => {
    await mkdir(join(home, "pnpm/bin"), { recursive: true });
    await writeFile(join(home, "pnpm/package.json"), '{"name":"pnpm","version":"10.0.0"}');
    await writeFile(join(home, "pnpm/bin/pnpm.cjs"), "");
    process.env["npm_execpath"] = join(home, "pnpm/bin/pnpm.cjs");
    expect((await createSandbox({ store: bench.store }).standIn("node:24")).notes.join()).toMatch(
      /and npm \d+\.\d+/,
    );
  });
});

describe("the stand-in for another image", () => {
  let bench: Bench;
  let tools: string;
  const path = process.env["PATH"];
  beforeAll(async () => {
    bench = await Bench.open();
  });
  afterAll(() => bench[Symbol.asyncDispose]());
  beforeEach(async () => {
    tools = await mkdtemp(join(tmpdir(), "fairway-tools-"));
    process.env["PATH"] = `${tools}:/usr/bin:/bin`;
  });
  afterEach(async () => {
    process.env["PATH"] = path;
    await rm(tools, { recursive: true, force: true });
  });

  test("is this machine's userland for debian, ubuntu, alpine and busybox", async () => {
    for (const reference of [
      "debian:12-slim",
      "ubuntu",
      "alpine:3.22",
      "busybox",
      "docker.io/library/debian@sha256:0",
    ]) {
      const standIn = await bench.sandbox.standIn(reference);
      expect(standIn.reference).toBe(reference);
      expect(standIn.notes).toEqual([
        expect.stringContaining(`${reference} is stood in for by this machine's userland`),
      ]);
    }
  });

  test("is refused, naming the tool and the remedy, when this machine lacks the tool", async () => {
    await expect(bench.sandbox.standIn("hadolint/hadolint:2")).rejects.toMatchObject({
      code: "STAND_IN_MISSING",
      exitCode: 1,
      message: "hadolint/hadolint:2 has hadolint, and this machine has none to stand in for it",
      remedy: expect.stringContaining("install hadolint") as string,
    });
  });

  test("brings a tool along that is one program file outside of /usr/bin", async () => {
    const { copyFile } = await import("node:fs/promises");
    await copyFile("/usr/bin/true", join(tools, "hadolint"));
    const standIn = await bench.sandbox.standIn("hadolint/hadolint:2");
    expect(await bench.run(["hadolint"], { standIn, variables: standIn.variables })).toMatchObject({
      exitCode: 0,
    });
    expect((await bench.sh("command -v hadolint", { standIn, variables: standIn.variables })).stdout).toBe(
      "/usr/local/bin/hadolint\n",
    );
  });

  test("takes what go install built, says its version, and that the tag asks for another", async () => {
    const { copyFile, mkdir } = await import("node:fs/promises");
    await mkdir(join(tools, "go/bin"), { recursive: true });
    process.env["PATH"] = `${join(tools, "go/bin")}:${process.env["PATH"] ?? ""}`;
    // Any program that tells a version by --version.
    const said = await execa("/usr/bin/git", ["--version"]);
    const version = /[\d.]+\d/.exec(said.stdout)?.[0] ?? "";
    await copyFile("/usr/bin/git", join(tools, "go/bin/trivy"));
    const note = async (reference: string) =>
      (await createSandbox({ store: bench.store }).standIn(reference)).notes.join();
    expect(await note("aquasec/trivy:0.73.0")).toContain(`and its trivy ${version}; the tag asks for 0.73.0`);
    expect(await note(`aquasec/trivy:${version}@sha256:${"0".repeat(64)}`)).toMatch(/and its trivy [\d.]+$/);
    expect(await note("aquasec/trivy")).toMatch(/and its trivy [\d.]+$/);
    await copyFile("/usr/bin/false", join(tools, "go/bin/trufflehog"));
    expect(await note("trufflesecurity/trufflehog:3.96.0")).toContain(
      "and its trufflehog, which does not tell its version; the tag asks for 3.96.0",
    );
  });

  test("shows a toolchain's directory read-only, where its image has it", async () => {
    const { mkdir } = await import("node:fs/promises");
    await mkdir(join(tools, "sdk/bin"), { recursive: true });
    await writeFile(join(tools, "sdk/bin/go"), "#!/bin/sh\necho a go of this machine\n", { mode: 0o755 });
    await writeFile(join(tools, "go"), `#!/bin/sh\necho ${tools}/sdk\n`, { mode: 0o755 });
    const standIn = await createSandbox({ store: bench.store }).standIn("golang:1.24");
    const ran = await bench.sh("go; command -v go; echo x >/usr/local/go/x || touch /go/bin/x", {
      standIn,
      variables: standIn.variables,
    });
    expect(ran.stdout).toBe("a go of this machine\n/usr/local/go/bin/go\n");
    expect(ran).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("Read-only") as string });
  });

  test("does not take a script that needs what stands beside it", async () => {
    const sandbox = createSandbox({ store: bench.store });
    await writeFile(join(tools, "shim"), "#!/bin/sh\n", { mode: 0o755 });
    await symlink("shim", join(tools, "hadolint"));
    await expect(sandbox.standIn("hadolint/hadolint:2")).rejects.toMatchObject({
      code: "STAND_IN_MISSING",
    });
  });

  test("is refused for an unknown image and for a database, with the remedy", async () => {
    await expect(bench.sandbox.standIn("example.invalid/team/app:1")).rejects.toMatchObject({
      code: "STAND_IN_UNKNOWN",
      exitCode: 1,
      message: expect.stringContaining("example.invalid/team/app:1") as string,
      remedy: expect.stringContaining("--engine dagger") as string,
    });
    await expect(bench.sandbox.standIn("postgres:17")).rejects.toMatchObject({
      code: "STAND_IN_UNKNOWN",
      remedy: expect.stringContaining("asService") as string,
    });
  });
});
