import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { signWithSshKeygen } from "../../../src/cli/approve/sign.ts";
import { findSigningKey } from "../../../src/cli/approve/signing-key.ts";
import { judged, signersFile, vote } from "../../release/gates/approvals/support.ts";
import {
  noSshKeygen,
  realVerdict,
  temporaryDirectory,
  type TemporaryDirectory,
} from "../../support/ssh-keygen.ts";

const kinds = [
  ["ed25519", ["-t", "ed25519"]],
  ["ecdsa 256", ["-t", "ecdsa", "-b", "256"]],
  ["ecdsa 384", ["-t", "ecdsa", "-b", "384"]],
  ["ecdsa 521", ["-t", "ecdsa", "-b", "521"]],
  ["rsa", ["-t", "rsa", "-b", "2048"]],
] as const;

function makeKey(path: string, options: readonly string[] = ["-t", "ed25519"], passphrase = ""): string {
  execFileSync("ssh-keygen", ["-q", ...options, "-N", passphrase, "-C", "", "-f", path]);
  return execFileSync("ssh-keygen", ["-y", "-P", passphrase, "-f", path], { encoding: "utf8" }).trim();
}

/** A temporary directory of the test's own, to see what stays in it. */
function ownTemporary(directory: TemporaryDirectory): string {
  const path = join(directory.path, "tmp");
  mkdirSync(path);
  vi.stubEnv("TMPDIR", path);
  return path;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("signing with the real ssh-keygen", () => {
  beforeEach(({ skip }) => {
    if (noSshKeygen !== null) skip(noSshKeygen);
  });
  it.each(kinds)("a key file of kind %s makes an approval that counts", async (_kind, options) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "key");
    const publicKey = makeKey(path, options);
    const temporary = ownTemporary(directory);
    const statement = "what is signed";
    const signed = await signWithSshKeygen(statement, { kind: "file", path });
    expect(signed.fingerprint).toBe(fingerprintOf(path));
    expect(
      realVerdict({
        message: statement,
        signature: signed.signature,
        signers: `ada@example.com ${publicKey}\n`,
      }),
    ).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);

    const signers = signersFile(`ada@example.com ${publicKey}`);
    const approval = vote({ publicKey, sign: (text) => signSync(path, text) });
    expect(judged({ signers, votes: [approval] }).counted).toMatchObject([
      { who: "ada@example.com", fingerprint: signed.fingerprint },
    ]);
  });

  it("a key of an agent signs, by its public key file or by the public key itself", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "key");
    const publicKey = makeKey(path);
    await using agent = await startAgent(join(directory.path, "agent.sock"));
    execFileSync("ssh-add", ["-q", path], { env: { ...process.env, SSH_AUTH_SOCK: agent.socket } });
    const onlyPublic = directory.write("elsewhere/key.pub", `${publicKey}\n`);
    vi.stubEnv("SSH_AUTH_SOCK", agent.socket);
    for (const key of [{ kind: "file", path: onlyPublic } as const, { kind: "agent", publicKey } as const]) {
      const { fingerprint } = await signWithSshKeygen("statement", key);
      expect(fingerprint).toBe(fingerprintOf(path));
    }
  });

  it("a key that cannot sign is told with ssh-keygen's own words, and nothing is left behind", async () => {
    using directory = temporaryDirectory();
    const publicKey = makeKey(join(directory.path, "key"));
    const temporary = ownTemporary(directory);
    const path = directory.write("elsewhere/key.pub", `${publicKey}\n`);
    vi.stubEnv("SSH_AUTH_SOCK", undefined);
    const said: string[] = [];
    await expect(
      signWithSshKeygen("statement", { kind: "file", path }, { say: (text) => said.push(text) }),
    ).rejects.toMatchObject({
      code: "SIGNING_FAILED",
      exitCode: 1,
      output: expect.stringContaining("No private key found"),
    });
    expect(said.join("")).toContain("No private key found");
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("a key whose signatures count for nothing is refused at once", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "key");
    makeKey(path, ["-t", "rsa", "-b", "1024"]);
    await expect(signWithSshKeygen("statement", { kind: "file", path })).rejects.toMatchObject({
      code: "SIGNING_FAILED",
      message: expect.stringContaining("an RSA key of 1024 bits is not taken"),
    });
  });

  it("the passphrase is asked for on the terminal", { timeout: 30_000 }, async ({ skip }) => {
    if (spawnSync("script", ["--version"]).status !== 0)
      skip("this machine has no script(1), which makes a terminal");
    using directory = temporaryDirectory();
    const path = join(directory.path, "key");
    makeKey(path, ["-t", "ed25519"], "open sesame");
    const source = (file: string) => new URL(`../../../src/cli/approve/${file}`, import.meta.url).href;
    const program = directory.write(
      "sign.mjs",
      `import { signWithSshKeygen } from ${JSON.stringify(source("sign.ts"))};
       const { fingerprint } = await signWithSshKeygen("statement", { kind: "file", path: ${JSON.stringify(path)} });
       console.log("signed by", fingerprint);`,
    );
    const output = await answering(`${process.execPath} ${program}`, /passphrase/i, "open sesame\n");
    expect(output).toContain(`signed by ${fingerprintOf(path)}`);
    expect(output).not.toContain("open sesame");
  });
});

it("without ssh-keygen on the PATH it says what to install", async () => {
  vi.stubEnv("PATH", "/nowhere");
  await expect(signWithSshKeygen("statement", { kind: "file", path: "/nowhere" })).rejects.toMatchObject({
    code: "SSH_KEYGEN_MISSING",
    exitCode: 2,
  });
});

describe("the key to sign with", () => {
  const repository = (home: string, settings: Readonly<Record<string, string>>) => {
    const directory = join(home, "repository");
    execFileSync("git", ["init", "-q", directory]);
    for (const [name, value] of Object.entries(settings)) {
      execFileSync("git", ["config", name, value], { cwd: directory });
    }
    return directory;
  };
  const sshGit = (signingkey: string) => ({ "gpg.format": "ssh", "user.signingkey": signingkey });

  it("is the one that was named, before git's", () => {
    using home = temporaryDirectory();
    const path = home.write("named", "");
    const directory = repository(home.path, sshGit("/elsewhere"));
    expect(findSigningKey({ directory, home: home.path, named: path })).toEqual({ kind: "file", path });
  });

  it("is git's where git signs with SSH, also below the home directory", () => {
    using home = temporaryDirectory();
    const path = home.write("keys/mine", "");
    const directory = repository(home.path, sshGit("~/keys/mine"));
    expect(findSigningKey({ directory, home: home.path })).toEqual({ kind: "file", path });
  });

  it.each(["key::ssh-ed25519 AAAA", "ssh-ed25519 AAAA"])(
    "is git's public key, of an agent: %s",
    (signingkey) => {
      using home = temporaryDirectory();
      const directory = repository(home.path, sshGit(signingkey));
      expect(findSigningKey({ directory, home: home.path })).toEqual({
        kind: "agent",
        publicKey: "ssh-ed25519 AAAA",
      });
    },
  );

  it("is not git's where git signs with OpenPGP: then the first usual one of ~/.ssh", () => {
    using home = temporaryDirectory();
    home.write(".ssh/id_rsa", "");
    const path = home.write(".ssh/id_ed25519", "");
    const directory = repository(home.path, { "gpg.format": "openpgp", "user.signingkey": "ABCDEF" });
    expect(findSigningKey({ directory, home: home.path })).toEqual({ kind: "file", path });
  });

  it("may have its public half in ~/.ssh alone", () => {
    using home = temporaryDirectory();
    const path = home.write(".ssh/id_ed25519.pub", "");
    const directory = repository(home.path, { "gpg.format": "openpgp" });
    expect(findSigningKey({ directory, home: home.path })).toEqual({ kind: "file", path });
  });

  it("that git names and that is not there is an error, and no other is taken instead", () => {
    using home = temporaryDirectory();
    home.write(".ssh/id_ed25519", "");
    const directory = repository(home.path, sshGit("/nowhere/key"));
    expect(() => findSigningKey({ directory, home: home.path })).toThrow(
      expect.objectContaining({ code: "SIGNING_KEY_MISSING", exitCode: 2, place: "/nowhere/key" }),
    );
  });

  it("that is nowhere is an error that says how to make one", () => {
    using home = temporaryDirectory();
    const directory = repository(home.path, { "gpg.format": "openpgp" });
    expect(() => findSigningKey({ directory, home: home.path })).toThrow(
      expect.objectContaining({
        code: "SIGNING_KEY_MISSING",
        remedy: expect.stringContaining("ssh-keygen -t"),
      }),
    );
  });
});

function fingerprintOf(path: string): string {
  return execFileSync("ssh-keygen", ["-l", "-f", path], { encoding: "utf8" }).split(" ")[1]!;
}

/** As `ssh-keygen -Y sign` prints it for what it reads. */
function signSync(path: string, text: string): string {
  return execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "fairway-approval", "-f", path], {
    input: text,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
}

async function startAgent(socket: string): Promise<{ socket: string } & AsyncDisposable> {
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => agent.stdout.once("data", resolve));
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => agent.once("close", resolve));
      agent.kill();
      await ended;
    },
  };
}

/** Runs a command on a terminal of its own, and types the answer when it is asked. */
async function answering(command: string, question: RegExp, answer: string): Promise<string> {
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, SSH_AUTH_SOCK: "", DISPLAY: "", SSH_ASKPASS: "" },
  });
  let output = "";
  let asked = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (asked || !question.test(output)) return;
    asked = true;
    child.stdin.write(answer);
  });
  await new Promise((resolve) => child.once("close", resolve));
  return output;
}
