import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { shownCommand } from "../../scripts/shown-command.ts";
import { userEnvironment } from "../../scripts/user-environment.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the environment of a terminal of the user's", () => {
  it("has nothing of what npm run adds", () => {
    const environment = userEnvironment({
      HOME: "/home/ada",
      PATH: [join(root, "node_modules/.bin"), "/node_modules/.bin", "/npm/node-gyp-bin", "/usr/bin"].join(
        ":",
      ),
      npm_config_local_prefix: root,
      npm_package_name: "@fairway/sdk",
      INIT_CWD: root,
      LANG: "C.UTF-8",
    });
    expect(environment).toEqual({ HOME: "/home/ada", PATH: "/usr/bin", LANG: "C.UTF-8" });
  });
});

describe("a command that is shown", () => {
  it("is what one would type", () => {
    expect(shownCommand(["git", "-c", "user.name=Ada Marsh", "commit", "--message=it's done"])).toBe(
      String.raw`git commit '--message=it'\''s done'`,
    );
    expect(shownCommand(["npx", "fairway", "deploy", "--env", "local"])).toBe(
      "npx fairway deploy --env local",
    );
  });
});
