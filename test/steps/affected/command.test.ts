import { describe, expect, it } from "vitest";
import { narrowed } from "../../../src/steps/affected/command.ts";
import { packageManager, type Toolchain } from "../../../src/steps/steps.ts";

const packages = {
  kind: "packages" as const,
  directories: ["apps/api", "libs/ui"],
  crates: [] as string[],
  paths: ["apps/api/a.ts", "libs/ui/b.ts"],
};

function commandOf(script: string, options: Partial<Toolchain> = {}): string {
  const toolchain: Toolchain = {
    ...{
      manager: "pnpm",
      version: "10.0.0",
      lockfile: "pnpm-lock.yaml",
      runner: null,
      linker: "node-modules",
    },
    ...{ workspaces: [], rootTasks: [], readFrom: [], tasks: { unit: script } },
    ...options,
  };
  const found = narrowed(toolchain, packageManager(toolchain), "unit", packages);
  return "whole" in found ? `whole: ${found.whole}` : found.argv.join(" ");
}

describe("a script for what was touched", () => {
  it("gets the filter of turbo, through the package manager", () => {
    const filters = "--filter=...{./apps/api} --filter=...{./libs/ui}";
    expect(commandOf("turbo run test --continue")).toBe(`pnpm run unit ${filters}`);
    expect(commandOf("turbo run test", { manager: "npm" })).toBe(`npm run unit -- ${filters}`);
    expect(commandOf("turbo run test", { manager: "yarn", version: "4.0.0" })).toBe(
      `yarn run unit ${filters}`,
    );
  });

  it("is nx affected, with the files", () => {
    const files = "--files=apps/api/a.ts,libs/ui/b.ts";
    expect(commandOf("nx run-many -t test --all --parallel=2")).toBe(
      `pnpm exec nx affected -t test --parallel=2 ${files}`,
    );
    expect(commandOf("nx affected -t test", { manager: "npm" })).toBe(
      `npm exec --no -- nx affected -t test ${files}`,
    );
  });

  it("is pnpm in those packages and what depends on them, and never in none", () => {
    const filters = "--filter ...{./apps/api} --filter ...{./libs/ui} --fail-if-no-match --if-present";
    expect(commandOf("pnpm -r run test")).toBe(`pnpm ${filters} -r run test`);
    expect(commandOf("pnpm --recursive --if-present run test")).toBe(`pnpm ${filters} --recursive run test`);
  });

  it.each([
    ["vitest run", "`unit` calls no task runner"],
    ["turbo run test && echo done", "`unit` is more than one plain command"],
    ["turbo run test $EXTRA", "`unit` is more than one plain command"],
    ["turbo run test --filter=api", "`unit` chooses its packages itself"],
    ["turbo run test -- --coverage", "`unit` chooses its packages itself"],
    ["nx run-many -t test -p api", "`unit` chooses its packages itself"],
    ["nx test api", "only `nx run-many` and `nx affected` take files"],
    ["turbo boundaries", "only `turbo run <task>` takes a filter"],
    ["npm run test --workspaces", "npm cannot choose packages by what they depend on"],
    ["yarn workspaces run test", "yarn cannot choose packages by what they depend on"],
    ["pnpm -r --include-workspace-root run test", "`unit` is also run for the root"],
    ["NODE_ENV=test turbo run test", "`unit` calls no task runner"],
  ])("is run as a whole where it is %j, and says why", (script, why) => {
    expect(commandOf(script)).toBe(`whole: ${why}`);
  });

  it("is run as a whole where a filter would leave out a task of the root, or scripts around it", () => {
    expect(commandOf("turbo run test", { rootTasks: ["test"] })).toBe(
      "whole: `unit` is also run for the root",
    );
    expect(commandOf("pnpm -r test", { rootTasks: ["*"] })).toBe("whole: `unit` is also run for the root");
    const tasks = { unit: "turbo run test", preunit: "rm -rf dist" };
    expect(commandOf("", { tasks })).toBe("whole: `unit` has scripts before or after it");
  });

  it("names crates to cargo in the place of the workspace", () => {
    const toolchain = { manager: "cargo", tasks: {}, rootTasks: [] } as unknown as Toolchain;
    const of = (task: string) =>
      narrowed(toolchain, packageManager(toolchain), task, { ...packages, crates: ["tides", "zone"] });
    expect(of("fmt")).toEqual({ argv: "cargo fmt -p tides -p zone --check".split(" ") });
    expect(of("clippy")).toEqual({
      argv: "cargo clippy -p tides -p zone --all-targets --locked -- -D warnings".split(" "),
    });
  });
});
