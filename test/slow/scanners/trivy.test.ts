import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { noOutsideWorld, outsideWorld } from "../../support/outside-world.ts";
import { goProgram, trivy } from "./support/go-program.ts";
import { fakeTrivyDb } from "./support/fake-trivy-db.ts";
import { npmLockfile, scannedRepository } from "./support/scanned.ts";

const patience = { timeout: 60 * 60_000 };

it(
  "trivy looks at Dockerfiles by what it brings, and calls nobody but for its database; without that it is insufficient",
  patience,
  async ({ skip }) => {
    if (noOutsideWorld !== undefined) skip(noOutsideWorld);
    const program = goProgram(trivy);
    if ("reason" in program) return skip(program.reason);
    await using outside = await outsideWorld({});
    const path = `${program.folder}:${process.env["PATH"] ?? ""}`;
    const variables = { ...outside.variables, PATH: path };
    await using repository = await scannedRepository("trivy, of: config", variables);
    const clean = await repository.fairway("check");
    expect(clean.exitCode, clean.output).toBe(0);
    expect(clean.output).toMatch(/and its trivy 0\.73\.0$/m);

    await repository.write("job/Dockerfile", "FROM debian:12\nADD . /app\nUSER root\n");
    const found = await repository.fairway("check");
    expect(found.exitCode, found.output).toBe(1);
    expect(found.output).toMatch(/high .*root/i);
    expect(found.output).toContain("job/Dockerfile");

    const yaml =
      "name: tiny\nchecks: [{ scan: trivy }]\nservices:\n  web: { dockerfile: Dockerfile, port: 3000, ready: / }\n";
    await repository.write("fairway.yaml", yaml);
    const held = await repository.fairway("check");
    expect(held.exitCode, held.output).toBe(3);
    expect(held.output).toContain("failed to download vulnerability DB");
    // Where its database and its newer checks are; no count of users, no news of versions.
    expect([...outside.refused].filter((host) => /trivy|aquasec\.com/.test(host))).toEqual([]);
  },
);

it(
  "trivy takes its database from a loopback registry, and finds by it what is vulnerable",
  patience,
  async ({ skip }) => {
    if (noOutsideWorld !== undefined) skip(noOutsideWorld);
    const program = goProgram(trivy);
    if ("reason" in program) return skip(program.reason);
    const database = fakeTrivyDb();
    if ("reason" in database) return skip(database.reason);
    const { answer } = database;
    await using outside = await outsideWorld({ "mirror.gcr.io": answer, "registry.example": answer });
    await using cache = await cacheOfItsOwn();
    const path = `${program.folder}:${process.env["PATH"] ?? ""}`;
    const variables = { ...outside.variables, PATH: path, FAIRWAY_CACHE_DIR: cache.path };
    await using repository = await scannedRepository("trivy", variables);

    await repository.write("package-lock.json", npmLockfile({ lodash: "4.17.21" }));
    const clean = await repository.fairway("check");
    expect(clean.exitCode, clean.output).toBe(0);
    expect(outside.asked).toContain("GET mirror.gcr.io/v2/aquasec/trivy-db/manifests/2");

    await repository.write("package-lock.json", npmLockfile({ lodash: "4.17.20" }));
    const found = await repository.fairway("check");
    expect(found.exitCode, found.output).toBe(1);
    expect(found.output).toContain("Command Injection in lodash (CVE-2021-23337)");
    expect(found.output).toContain("lodash 4.17.20; fixed in 4.17.21");

    await using other = await cacheOfItsOwn();
    await using mirrored = await scannedRepository("trivy", { ...variables, FAIRWAY_CACHE_DIR: other.path });
    await mirrored.write("trivy.yaml", "db:\n  repository: [registry.example/mirrors/trivy-db:2]\n");
    await mirrored.write("package-lock.json", npmLockfile({ lodash: "4.17.20" }));
    const byMirror = await mirrored.fairway("check");
    expect(byMirror.exitCode, byMirror.output).toBe(1);
    expect(outside.asked).toContain("GET registry.example/v2/mirrors/trivy-db/manifests/2");
    expect([...outside.refused]).toEqual([]);
  },
);

/** Trivy keeps its database from day to day: this one is nobody else's. */
async function cacheOfItsOwn() {
  const path = await mkdtemp(join(tmpdir(), "fairway-trivy-cache-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
