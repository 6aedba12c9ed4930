import { describe, expect, it } from "vitest";
import { backupOf, loadConfig } from "../../../src/config/config.ts";
import type { FairwayError } from "../../../src/model/errors.ts";

const base = `name: shop
services:
  api: { dockerfile: Dockerfile, port: 3000, ready: / }
`;
const database = "database: { prisma: { schema: prisma/schema.prisma } }\n";
const environment = (name: string, target: string, rest = "") =>
  `environments:\n  ${name}:\n    target: ${target}\n${rest === "" ? "" : `    ${rest}\n`}`;
const gitops =
  "{ gitops: { repository: https://git.example/shop/manifests, kustomize: { images: { api: shop } }, token: TOKEN, urls: { api: https://shop.example } } }";

function refusal(text: string): string {
  try {
    loadConfig(text, "fairway.yaml");
  } catch (error) {
    const { message, output, remedy } = error as FairwayError;
    return [message, output, remedy].join("\n");
  }
  throw new Error("it was expected to be refused");
}

describe("backup of an environment", () => {
  it("is made before migrations on target local unless it says otherwise, and the last three stay", () => {
    const config = loadConfig(base + database + environment("local", "local"), "fairway.yaml");
    expect(backupOf(config, "local")).toEqual({ before: "migrations", keep: 3, scripts: null });
  });

  it("is made of no database that there is not, and never where that is asked for", () => {
    expect(backupOf(loadConfig(base + environment("local", "local"), "f"), "local")).toBeNull();
    const never = base + database + environment("local", "local", "backup: { before: never }");
    expect(backupOf(loadConfig(never, "f"), "local")).toBeNull();
  });

  it("is made by two scripts elsewhere, and by none unless they are given", () => {
    const without = loadConfig(base + database + environment("staging", gitops), "f");
    expect(backupOf(without, "staging")).toBeNull();
    const text = 'backup: { script: "db:backup", restore: "db:restore", secrets: [SNAPSHOT_TOKEN] }';
    expect(
      backupOf(loadConfig(base + database + environment("staging", gitops, text), "f"), "staging"),
    ).toEqual({
      before: "migrations",
      keep: null,
      scripts: { backup: "db:backup", restore: "db:restore", secrets: ["SNAPSHOT_TOKEN"] },
    });
  });

  it.each([
    ["local", 'backup: { script: "db:backup" }', "it backs up a local one by itself"],
    ["local", "backup: { keep: 0 }", "must be at least 1"],
    [gitops, "backup: { before: migrations }", "needs `script`"],
    [gitops, 'backup: { script: "db:backup" }', "needs `restore`"],
    [gitops, 'backup: { script: "b", restore: "r", keep: 2 }', "your script decides how long"],
    [gitops, "maintenance: always", "is for target local"],
  ])("for target %s, %s is refused", (target, text, why) => {
    expect(refusal(base + database + environment("there", target, text))).toContain(why);
  });

  it("is refused where there is no database", () => {
    const text = base + environment("local", "local", "backup: { before: every-deploy }");
    expect(refusal(text)).toContain("there is no `database` to back up");
  });
});
