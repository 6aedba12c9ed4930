import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { Repository } from "../../e2e/support/repository.ts";
import { noOutsideWorld, outsideWorld } from "../../support/outside-world.ts";
import { fakeCratesIndex } from "./support/fake-crates-index.ts";
import { fakeRustSec } from "./support/fake-rustsec.ts";
import { cargoLockfile, scannedRepository } from "./support/scanned.ts";

const hasCargo = spawnSync("cargo", ["--version"]).status === 0;
const patience = { timeout: 40 * 60_000 };

it(
  "cargo audit, built from its source, asks a loopback RustSec: what it finds, by a mirror too, and no answer",
  patience,
  async ({ skip }) => {
    if (!hasCargo) skip("no cargo on this machine, which builds cargo-audit");
    if (noOutsideWorld !== undefined) skip(noOutsideWorld);
    await using database = await fakeRustSec();
    await installed(database);

    const index = fakeCratesIndex({
      tidepool: { "1.6.0": "published", "1.6.1": "published", "1.6.2": "yanked" },
    });
    await using outside = await outsideWorld({
      "github.com": database.answer,
      "advisories.example": database.answer,
      "index.crates.io": index.answer,
    });
    await using repository = await crate(outside.variables);
    const check = () => repository.fairway("check");

    await repository.write("Cargo.lock", cargoLockfile({ tidepool: "1.6.1" }));
    const clean = await check();
    expect(clean.exitCode, clean.output).toBe(0);
    expect(clean.stdout).toMatch(/audit .*nothing found/);

    await repository.write("Cargo.lock", cargoLockfile({ tidepool: "1.6.0" }));
    const found = await check();
    expect(found.exitCode, found.output).toBe(1);
    expect(found.output).toMatch(/critical +Buffer overflow in Pool::fill \(CVE-2026-10001\)/);
    expect(found.output).toContain("https://rustsec.org/advisories/RUSTSEC-2026-0001");
    expect(found.output).toContain("tidepool 1.6.0; fixed in 1.6.1");

    await repository.write("Cargo.lock", cargoLockfile({ tidepool: "1.6.2" }));
    const yanked = await repository.fairway("check", "--format", "json");
    expect(yanked.exitCode, yanked.output).toBe(0);
    expect(yanked.stdout).toContain("tidepool 1.6.2 is yanked");

    await repository.write("Cargo.lock", cargoLockfile({ tidepool: "1.6.3" }));
    const unknown = await check();
    expect(unknown.exitCode, unknown.output).toBe(3);
    expect(unknown.output).toContain("No such version in crates.io index: tidepool 1.6.3");

    // What asks for ever must not hide what is known.
    index.isSilent = true;
    await repository.write("Cargo.lock", cargoLockfile({ tidepool: "1.5.0" }));
    const deaf = await check();
    expect(deaf.exitCode, deaf.output).toBe(1);
    expect(deaf.output).toContain("tidepool 1.5.0; fixed in 1.6.1");
    expect(deaf.output).toContain("whether crates were yanked is not known");

    const mirror = 'url = "https://advisories.example/RustSec/advisory-db.git"\nstale = false\n';
    const noYanked = "[yanked]\nenabled = false\n";
    await repository.write(".cargo/audit.toml", `[database]\n${mirror}\n${noYanked}`);
    const asked = outside.asked.length;
    const mirrored = await check();
    expect(mirrored.exitCode, mirrored.output).toBe(1);
    expect(mirrored.output).not.toContain("yanked");
    const hosts = outside.asked.slice(asked).map((line) => /^\w+ ([^/]+)/.exec(line)?.[1]);
    expect([...new Set(hosts)]).toEqual(["advisories.example"]);

    database.isSilent = true;
    await repository.write("Cargo.lock", cargoLockfile({ tidepool: "1.6.1" }));
    const unanswered = await check();
    expect(unanswered.exitCode, unanswered.output).toBe(3);
    expect(unanswered.output).toContain("the audit got no answer: error: couldn't fetch advisory database");
    expect(unanswered.output).toContain(".cargo/audit.toml");
    expect([...outside.refused]).toEqual([]);
  },
);

/** Where crates can be had; a lockfile that names none asks for none. */
async function installed(database: { readonly answer: Parameters<typeof outsideWorld>[0][string] }) {
  await using outside = await outsideWorld(
    { "github.com": database.answer },
    { through: /(^|\.)crates\.io$/ },
  );
  await using repository = await crate(outside.variables);
  const nothing = await repository.fairway("check");
  expect(nothing.exitCode, nothing.output).toBe(0);
  expect(outside.asked[0]).toMatch(/^GET github\.com\/RustSec\/advisory-db/);
}

async function crate(variables: Readonly<Record<string, string>>): Promise<Repository> {
  const repository = await scannedRepository("audit", variables);
  // One without scripts leaves the repository to cargo.
  await repository.write("package.json", '{ "name": "tiny", "private": true }\n');
  // A new one each time: answers are kept for a day.
  const about = `[package]\nname = "tiny"\nversion = "1.0.0"\nedition = "2024"\ndescription = "${randomUUID()}"\n`;
  await repository.write("Cargo.toml", about);
  await repository.write("Cargo.lock", cargoLockfile({}));
  return repository;
}
