import { expect, it } from "vitest";
import { type Manager, workspaceOf } from "./support/workspace.ts";

const npm = {
  packageManager: "npm@11.6.0",
  install: ["npm@11.6.0", "npm", "install"] as const,
  workspaceRange: "1.0.0",
};
const berry = {
  ...{ packageManager: "yarn@4.18.1", install: ["@yarnpkg/cli-dist@4.18.1", "yarn", "install"] as const },
  ...{ workspaceRange: "workspace:*", unit: "yarn workspaces foreach --all --parallel run unit" },
};

interface Story extends Manager {
  /** As the run says what it detected. */
  readonly detected: string;
  /** Which packages a change of `c` runs, or why all of it. */
  readonly affected: RegExp;
}

const stories: Readonly<Record<string, Story>> = {
  "yarn 1": {
    packageManager: "yarn@1.22.22",
    install: ["yarn@1.22.22", "yarn", "install", "--ignore-scripts"] as const,
    workspaceRange: "1.0.0",
    unit: "yarn workspaces run unit",
    detected: "yarn 1.22.22",
    affected: /all of it: yarn cannot choose packages by what they depend on/,
  },
  "yarn 4 with node_modules": {
    ...berry,
    files: { ".yarnrc.yml": "nodeLinker: node-modules\n" },
    detected: "yarn 4.18.1",
    affected: /all of it/,
  },
  "yarn 4 with archives (PnP)": { ...berry, detected: "packages as archives (PnP)", affected: /all of it/ },
  "npm with turbo": {
    ...npm,
    unit: "turbo run unit",
    devDependencies: { turbo: "2.11.11" },
    files: { "turbo.json": JSON.stringify({ tasks: { unit: { dependsOn: ["^unit"] } } }) },
    detected: "turborepo",
    affected: /exit code 1, for packages\/c and what depends on it/,
  },
  "npm with nx": {
    ...npm,
    unit: "nx run-many --target=unit",
    devDependencies: { nx: "24.0.6" },
    files: { "nx.json": JSON.stringify({ targetDefaults: { unit: { cache: true } } }) },
    detected: "nx",
    affected: /exit code 1, for packages\/c and what depends on it/,
  },
};

it.each(Object.entries(stories))(
  "a repository of %s is installed, passes, is cached, and fails by what was touched",
  async (_, story) => {
    await using repository = await workspaceOf(story);
    const passed = await repository.fairway("check");
    expect(passed.exitCode, passed.output).toBe(0);
    expect(passed.output).toContain(story.detected);

    const again = await repository.fairway("check", "--only", "unit");
    expect(again.exitCode, again.output).toBe(0);
    expect(again.stdout).toContain("passed before, nothing changed");

    await repository.write("packages/c/index.js", "export const value = 4;\n");
    const touched = await repository.fairway("check", "--affected", "--base", "HEAD");
    expect(touched.exitCode, touched.output).toBe(1);
    expect(touched.output).toContain("c has its value");
    expect(touched.stdout).toMatch(story.affected);
  },
);
