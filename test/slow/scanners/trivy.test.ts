import { expect, it } from "vitest";
import { noOutsideWorld, outsideWorld } from "../../support/outside-world.ts";
import { goProgram, trivy } from "./support/go-program.ts";
import { scannedRepository } from "./support/scanned.ts";

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
