import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { silentProgress } from "../../../src/model/progress.ts";
import { openProject, runChecks } from "../../../src/steps/steps.ts";
import { samples } from "../../findings/reports.ts";
import { execError, fakeClient } from "../fake-client.ts";

describe("cargo audit", () => {
  it("that asks an index for ever is asked again without it: what is vulnerable is told, and that the rest is not known", async () => {
    const { evidence, audits } = await audit({ endsWithoutIndex: true });
    expect(audits.map((argv) => argv.at(-1))).toEqual(["--json", "--no-yanked"]);
    expect(evidence).toMatchObject({
      verdict: "insufficient",
      missing: expect.stringContaining("whether crates were yanked is not known") as string,
    });
    expect(evidence?.findings?.length).toBeGreaterThan(0);
  });

  it("that has no end without the index either is insufficient", async () => {
    const { evidence } = await audit({ endsWithoutIndex: false });
    expect(evidence).toMatchObject({
      ...{ verdict: "insufficient", summary: "could not be run: the audit got no answer: it took too long" },
      missing: expect.stringContaining(".cargo/audit.toml") as string,
    });
  });

  it("is ended by its step, with a code of its own", async () => {
    const { audits } = await audit({ endsWithoutIndex: false });
    const argv = audits[0] ?? [];
    const program = argv.findIndex((word) => word.endsWith("bin/cargo-audit"));
    const words = argv.slice(1, program).map((word) => (word === "120" ? "1" : word));
    expect(spawnSync(argv[0] ?? "", [...words, "sleep", "60"]).status).toBe(124);
  });

  it("says of each crate that it could not ask about one line, and how many more there are", async () => {
    const said = ["a", "b", "c"].map((name) => `error: couldn't check if the package is yanked: ${name}\n`);
    const { evidence } = await audit({ said: `${said.join("")}note: else\n` });
    expect(evidence).toMatchObject({
      missing: "error: couldn't check if the package is yanked: a (and 2 more)",
    });
  });
});

interface Ending {
  /** Asking the index has an end, when it is not given; else whether it has one without it. */
  readonly endsWithoutIndex?: boolean;
  readonly said?: string;
}

async function audit({ endsWithoutIndex, said = "" }: Ending) {
  const audits: (readonly string[])[] = [];
  const { client, source } = fakeClient({
    files: { "Cargo.toml": "[package]", "Cargo.lock": "" },
    exec: (argv) => {
      if (!argv.includes("audit")) return undefined;
      audits.push(argv);
      if (endsWithoutIndex === undefined || (endsWithoutIndex && argv.includes("--no-yanked"))) return "";
      throw execError(124);
    },
    written: (path) => {
      if (path.endsWith("exit-code")) return "1\n";
      return path.endsWith("fairway-said") ? said : samples.find(isOfCargo)?.report;
    },
  });
  const config = { name: "tides", checks: [{ scan: "audit" }], services: { tides } };
  const project = await openProject(client, source, validateConfig(config, "test"));
  const now = new Date("2026-12-01T12:00:00Z");
  const [evidence] = await runChecks({
    ...{ project, progress: silentProgress, command: "npx fairway", secrets: {}, now },
  });
  return { evidence, audits: [...new Map(audits.map((argv) => [argv.join(" "), argv])).values()] };
}

const tides = { dockerfile: "Dockerfile", port: 3000, ready: "/" };
const isOfCargo = ({ format }: (typeof samples)[number]) => format === "cargo-audit";
