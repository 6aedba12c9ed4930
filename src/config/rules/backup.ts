import { problem, type Path, type Problem } from "../problems.ts";
import type { Config, EnvironmentConfig } from "../schema.ts";
import type { Rule } from "./rule.ts";

/** A backup that nobody makes, or that nobody can bring back, is worse than none: people rely on it. */
export const backupFitsTarget: Rule = (config) =>
  Object.entries(config.environments).flatMap(([name, environment]) =>
    problemsOf(config, environment, ["environments", name, "backup"]),
  );

function problemsOf({ database }: Config, { target, backup }: EnvironmentConfig, path: Path): Problem[] {
  if (backup === undefined || backup.before === "never") return [];
  if (database === null) return [problem(path, "there is no `database` to back up")];
  const given = (["keep", "script", "restore"] as const).filter((key) => backup[key] !== undefined);
  const foreign = given.filter((key) => (key === "keep") !== (target === "local"));
  const why =
    target === "local"
      ? "is for a database that is not Fairway's own; it backs up a local one by itself"
      : "is for target local: elsewhere your script decides how long a backup is kept";
  const missing =
    target === "local" ? [] : (["script", "restore"] as const).filter((key) => backup[key] === undefined);
  return [
    ...foreign.map((key) => problem([...path, key], why)),
    ...missing.map((key) =>
      problem(
        path,
        `needs \`${key}\`: the script of package.json that ${key === "script" ? "makes a backup" : "brings one back"}`,
      ),
    ),
  ];
}
