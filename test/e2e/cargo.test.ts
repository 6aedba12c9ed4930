import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repositoryOf } from "./support/repository.ts";

const hasCargo = spawnSync("cargo", ["clippy", "--version"]).status === 0;

it("a service in Rust is formatted, linted, tested, built and served; a warning of clippy stops it by its name", async ({
  skip,
}) => {
  if (!hasCargo) skip("no cargo with clippy on this machine");
  await using repository = await repositoryOf("../../../examples/cargo");
  const passed = await repository.fairway("check");
  expect(passed.exitCode, passed.output).toBe(0);
  for (const name of ["fmt", "clippy", "test", "build"])
    expect(passed.stdout).toMatch(new RegExp(`^✓ +${name} .*passed`, "m"));

  const source = await readFile(join(repository.path, "src/main.rs"), "utf8");
  await repository.write("src/main.rs", source.replace("    let host", "    let unused = 1;\n    let host"));
  const failed = await repository.fairway("check", "--only", "clippy", "--only", "fmt");
  expect(failed.exitCode, failed.output).toBe(1);
  expect(failed.output).toMatch(/unused variable: `unused`\s.*--> src\/main.rs:14:9/s);
  expect(failed.output).toContain("fairway check --only clippy");

  // The very bytes that passed: cargo must not take what it compiled of the others for theirs.
  await repository.write(
    "src/main.rs",
    source.replace('unwrap_or_else(|_| "0.0.0.0".into())', "unwrap_or_default()"),
  );
  await repository.write("tests/other.rs", "#[test]\nfn other() {}\n");
  expect((await repository.fairway("check", "--only", "clippy")).exitCode).toBe(0);
  await repository.write("src/main.rs", source);
  repository.commit("Tides");

  await repository.write("src/main.rs", `${source}\n\n\n`);
  const touched = await repository.fairway("check", "--affected", "--base", "HEAD", "--only", "fmt");
  expect(touched.exitCode, touched.output).toBe(1);
  expect(touched.output).toMatch(/changed since HEAD \(\w{7}\): 1 file in the root/);
  expect(touched.output).toContain("check --affected --base HEAD --only fmt");
  await repository.write("src/main.rs", source);

  const deployed = await repository.fairway("deploy", "--env", "local");
  expect(deployed.exitCode, deployed.output).toBe(0);
  const [, address = ""] = /tides +(http:\S+)/.exec(deployed.stdout) ?? [];
  expect(await (await fetch(`${address}/next-high-water/06:30`)).text()).toBe("18:55\n");
}, 180_000);
