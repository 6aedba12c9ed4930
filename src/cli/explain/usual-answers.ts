import fs from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ScriptedEngine } from "../../testing/testing.ts";
import type { Seen } from "./seen.ts";

/**
 * What the stock pipeline's own questions to a repository are answered with, so that it goes on to what it would do:
 * read from the repository's files, as git and the package manager would say it.
 */
export function answerUsual(engine: ScriptedEngine, repository: string, seen: Seen): void {
  engine
    .on(/# ask git about the commit\n/)
    .optional()
    .answers(async () => {
      seen.assume(
        "whether what is checked out is committed, and which tags it has",
        "it is taken to be, and to have none",
      );
      const { commit, branch } = await headOf(repository);
      return { stdout: `commit ${commit}\nbranch ${branch}\nauthor you <you@example.com>\n` };
    });
  engine
    .on(/# ask git for files of a commit\n/)
    .optional()
    .answers(async ({ argv }) => {
      const [commit = "", ...paths] = argv.slice(3);
      return { stdout: await filesOf(repository, commit, paths) };
    });
  engine
    .on(/# ask git for what it has although it is ignored\n/)
    .optional()
    .answers(() => ({ stdout: "paths \n" }));
  engine
    .on(/# ask git for the commits between two\n/)
    .optional()
    .answers(() => {
      seen.assume("who wrote what since the release that is live", "the history is taken not to reach it");
      return { stdout: "unknown\n" };
    });
  engine
    .on(/# check a commit out beside the source\n/)
    .optional()
    .answers(({ argv }) => {
      const commit = (argv[3] ?? "").slice(0, 7);
      throw seen.end(
        `what comes next follows from the files of ${commit}, and another commit is checked out`,
      );
    });
  engine
    .on(/\/\/ set the repository's own lifecycle scripts aside\n/)
    .optional()
    .answers(async ({ argv }) => ({
      files: { [argv.at(-1) ?? ""]: JSON.stringify(await lifecycleScripts(repository)) },
    }));
  // Questions whose answer is a list in a file: nothing is found.
  engine
    .on(/^node .*\s\/\S+$/s)
    .optional()
    .answers(({ argv }) => ({ files: { [argv.at(-1) ?? ""]: "[]" } }));
}

const none = "0".repeat(40);

async function headOf(repository: string): Promise<{ readonly commit: string; readonly branch: string }> {
  const read = (path: string) => readFile(join(repository, ".git", path), "utf8").catch(() => "");
  const head = (await read("HEAD")).trim();
  const [, ref] = /^ref: (.+)$/.exec(head) ?? [];
  if (ref === undefined) return { commit: head === "" ? none : head, branch: "" };
  const loose = (await read(ref)).trim();
  const packed = (await read("packed-refs")).split("\n").find((line) => line.endsWith(` ${ref}`));
  return { commit: loose || (packed?.slice(0, 40) ?? none), branch: ref.replace("refs/heads/", "") };
}

/** As the step prints them: each in base64, `none` for one that the commit does not have. */
async function filesOf(repository: string, commit: string, paths: readonly string[]): Promise<string> {
  const { default: git } = await import("isomorphic-git");
  const at = { fs, dir: repository, oid: commit };
  const isKnown = await git.readCommit(at).then(
    () => true,
    () => false,
  );
  if (!isKnown) return "unknown\n";
  const lines = await Promise.all(
    paths.map((filepath) =>
      git.readBlob({ ...at, filepath }).then(
        ({ blob }) => `file ${Buffer.from(blob).toString("base64")}`,
        () => "none",
      ),
    ),
  );
  return `${lines.join("\n")}\n`;
}

/** In the order in which the package manager runs them. */
async function lifecycleScripts(repository: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const manifests = glob("**/package.json", {
    cwd: repository,
    exclude: (name) => ["node_modules", ".git", "dist"].includes(name),
  });
  for await (const path of manifests) {
    const text = await readFile(join(repository, path), "utf8");
    for (const name of Object.keys(scriptsOf(text))) found.add(name);
  }
  return ["preinstall", "install", "postinstall", "prepare"].filter((name) => found.has(name));
}

function scriptsOf(text: string): object {
  try {
    return (JSON.parse(text) as { readonly scripts?: object }).scripts ?? {};
  } catch {
    return {};
  }
}
