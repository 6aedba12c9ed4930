import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { scannedRepository } from "./support/scanned.ts";

const hasGo = spawnSync("go", ["version"]).status === 0;
const token = ["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_");

it("gitleaks, built from its source: a clean tree passes, a token is found and never printed, a broken config holds", async ({
  skip,
}) => {
  if (!hasGo) skip("no go on this machine, which builds gitleaks");
  await using repository = await scannedRepository("gitleaks");
  const clean = await repository.fairway("check");
  expect(clean.exitCode, clean.output).toBe(0);
  expect(clean.stdout).toMatch(/gitleaks .*nothing found/);

  await repository.write("src/config.js", `\nexport const token = "${token}";\n`);
  const found = await repository.fairway("check");
  expect(found.exitCode, found.output).toBe(1);
  expect(found.output).toContain("github-pat");
  expect(found.output).toContain("at src/config.js:2");
  expect(found.output).not.toContain(token);

  await repository.write(".gitleaks.toml", "[[rules]]\nid = 1\n");
  const held = await repository.fairway("check");
  expect(held.exitCode, held.output).toBe(3);
  expect(held.output).toContain("Failed to load config");
});

it("gitleaks where there is no Go is insufficient, and says what would settle it", async () => {
  await using repository = await scannedRepository("gitleaks", { PATH: "/usr/bin:/bin" });
  const held = await repository.fairway("check");
  expect(held.exitCode, held.output).toBe(3);
  expect(held.output).toContain("this machine has none to stand in for it");
  expect(held.output).toContain("install go");
});
