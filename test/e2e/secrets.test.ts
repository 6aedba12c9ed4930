import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { ended, repositoryOf } from "./support/repository.ts";

/** The spellings that are looked for, made here and not by the code under test. */
function spellingsOf(secret: string): Record<string, string> {
  return {
    plain: secret,
    "JSON-escaped": JSON.stringify(secret).slice(1, -1),
    base64: Buffer.from(secret).toString("base64"),
    "URL-encoded": encodeURIComponent(secret),
  };
}

/** A program that says its secret in every way, also cut in two with a pause between. */
const talkative = `
const secret = process.env.SESSION_SECRET ?? "";
console.log(secret);
console.error(JSON.stringify({ secret }));
console.log(Buffer.from(secret).toString("base64"), encodeURIComponent(secret));
process.stdout.write(secret.slice(0, 9));
setTimeout(() => process.stdout.write(secret.slice(9) + "\\n"), 50);
`;

it("a planted secret is nowhere in what a deploy says, keeps, builds or shows in a process list", async () => {
  const secret = `canary-"${randomBytes(12).toString("hex")}"-end`;
  const scratch = await mkdtemp(join(tmpdir(), "fairway-canary-"));
  const secretsFile = join(scratch, "secrets.env");
  await writeFile(secretsFile, `SESSION_SECRET='${secret}'\nUNUSED=also-${secret}\n`);
  const cache = join(scratch, "cache");
  const seen: Record<string, string> = {};
  {
    await using repository = await repositoryOf("tiny", { FAIRWAY_CACHE_DIR: cache });
    const yaml = await readFile(join(repository.path, "fairway.yaml"), "utf8");
    await repository.write(
      "fairway.yaml",
      yaml.replace("    target: local\n", "    target: local\n    secrets: [SESSION_SECRET]\n"),
    );
    await repository.write(
      "server.js",
      talkative + (await readFile(join(repository.path, "server.js"), "utf8")),
    );
    await repository.write(
      "environment.ts",
      talkative.replaceAll("setTimeout(() => ", "(").replaceAll(", 50)", ")") +
        (await readFile(join(repository.path, "environment.ts"), "utf8")),
    );
    repository.commit("Talk");

    const deploy = repository.start("--secrets", `file:${secretsFile}`, "deploy", "--env", "local");
    const commandLines: string[] = [];
    const watch = setInterval(() => commandLines.push(...allCommandLines()), 50);
    const deployed = await ended(deploy);
    clearInterval(watch);
    expect(deployed.exitCode, deployed.output.replaceAll(secret, "<the canary>")).toBe(0);
    seen["what deploy printed"] = deployed.output;
    seen["process list"] = commandLines.join("\n");

    const logs = await repository.fairway("logs", "--env", "local", "--lines", "100");
    expect(logs.stdout, "the replicas' logs say something").toContain("***");
    seen["logs"] = logs.output;
    seen["status"] = (await repository.fairway("status", "--json")).output;
    seen["history"] = (await repository.fairway("history", "--json")).output;

    await repository.write("server.js", `${talkative}\nconsole.log(process.env); process.exit(1);\n`);
    repository.commit("Fail aloud");
    const failed = await repository.fairway("--secrets", `file:${secretsFile}`, "deploy", "--env", "local");
    expect(failed.exitCode).toBe(4);
    seen["what a failing deploy printed"] = failed.output;

    for (const directory of [join(repository.path, ".fairway"), cache]) {
      for (const [file, bytes] of await filesOf(directory)) seen[file] = bytes;
    }
  }
  await rm(scratch, { recursive: true, force: true });

  const found = Object.entries(seen).flatMap(([place, text]) =>
    Object.entries(spellingsOf(secret))
      .filter(([, spelling]) => text.includes(spelling))
      .map(([form]) => `${form} in ${place}`),
  );
  expect(found).toEqual([]);
});

function allCommandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return [];
      }
    });
}

/** Everything below a directory as text, layers unpacked. */
async function filesOf(directory: string): Promise<[string, string][]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files: [string, string][] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    files.push([path, (gzipped ? gunzipSync(bytes) : bytes).toString("latin1")]);
  }
  return files;
}
