import { DockerfileParser } from "dockerfile-ast";
import type { ImageConfig } from "../../../oci/oci.ts";
import type { DockerfileText, Violation } from "./violation.ts";

export function runsAsRoot({ config }: Pick<ImageConfig, "config">, dockerfile: DockerfileText): Violation[] {
  const user = (config?.User ?? "").split(":")[0] ?? "";
  if (user !== "" && user !== "root" && !/^0+$/.test(user)) return [];
  const what = user === "" ? "runs as root: no USER is set" : `runs as root: USER ${user}`;
  return [
    {
      what,
      where: lastLine(dockerfile, "USER"),
      fix: "end the last stage with a user of its own, by name or number: USER node",
    },
  ];
}

export function healthcheckMissing(
  { config }: Pick<ImageConfig, "config">,
  dockerfile: DockerfileText,
): Violation[] {
  const [kind] = config?.Healthcheck?.Test ?? [];
  if (kind !== undefined && kind !== "NONE") return [];
  return [
    {
      what: kind === "NONE" ? "its HEALTHCHECK is switched off (NONE)" : "has no HEALTHCHECK",
      where: lastLine(dockerfile, "HEALTHCHECK"),
      fix: 'add one that asks its liveness path: HEALTHCHECK CMD ["node", "-e", "fetch(...)"]',
    },
  ];
}

/** Where the instruction stands in the last stage, or where that stage begins when it has none. */
function lastLine({ path, text }: DockerfileText, keyword: string): string {
  const instructions = DockerfileParser.parse(text).getInstructions();
  const from = instructions.findLastIndex((each) => each.getKeyword() === "FROM");
  const found = instructions.findLast((each, index) => index >= from && each.getKeyword() === keyword);
  const line = (found ?? instructions[from])?.getRange().start.line;
  return line === undefined ? path : `${path}:${String(line + 1)}`;
}
