import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { gitStep } from "../../../src/steps/steps.ts";
import { ignoredInGit } from "../../../src/steps/source/ignored-in-git.ts";
import { clientIn, emptyRepository, git } from "./git-repository.ts";

it("names what is committed although it is ignored, and nothing else", async (context) => {
  const directory = emptyRepository(context);
  const asked = () => {
    const { client, source } = clientIn(directory);
    return ignoredInGit(gitStep(client, source, "alpine/git"));
  };
  for (const name of ["a.ts", ".env", "line\nbreak.env", "mine.env"])
    writeFileSync(join(directory, name), "");
  git(directory, "add", "a.ts", ".env", "line\nbreak.env");
  expect(await asked()).toEqual([]);
  writeFileSync(join(directory, ".gitignore"), "*.env\n");
  expect(await asked()).toEqual([".env", "line\nbreak.env"]);
  writeFileSync(join(directory, ".git/index"), "no index");
  expect(await asked()).toBeNull();
  rmSync(join(directory, ".git"), { recursive: true });
  expect(await asked()).toBeNull();
});
