import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DoctorContext, Finding } from "./checks.ts";
import { filesIn, rootFilesIn } from "./repository.ts";

const name = "fairway.yaml";

/** Everything for which a check of this repository would be refused, without running anything. */
export async function fairwayYaml({ places: { repository } }: DoctorContext): Promise<Finding> {
  const file = join(repository, name);
  if (!existsSync(file)) {
    const text = `none in ${repository}`;
    return { name, state: "missing", needed: false, text, remedy: "npx fairway init" };
  }
  const errors = await errorsIn(repository, readFileSync(file, "utf8"));
  const [first] = errors;
  if (first === undefined) {
    const { loadConfig } = await import("../../../config/config.ts");
    const { environments } = loadConfig(readFileSync(file, "utf8"), name);
    const names = Object.keys(environments);
    const text = names.length === 0 ? "no environments" : `environments: ${names.join(", ")}`;
    return { name, state: "ok", needed: false, text };
  }
  const { errorText } = await import("../../../model/every-error.ts");
  const [text = "", ...more] = errors.map(errorText).join("\n").split("\n");
  const remedy =
    more.length === 0 ? {} : { remedy: more.map((line) => line.replace(/^ {2}/, "")).join("\n") };
  return { name, state: "invalid", needed: false, text, ...remedy };
}

async function errorsIn(repository: string, text: string) {
  const { loadConfig, soundConfig } = await import("../../../config/config.ts");
  const { errorsOf } = await import("../../../model/every-error.ts");
  const { asked } = await import("../../../delivery/whole.ts");
  const { detectToolchain } = await import("../../../steps/toolchains/toolchains.ts");
  const sound = soundConfig(text);
  const looked = {
    files: filesIn(repository),
    // Where it is not known, that is another finding.
    toolchain: await rootFilesIn(repository)
      .then(detectToolchain)
      .catch(() => null),
    ...{ custom: [], file: name },
  };
  return errorsOf([
    () => loadConfig(text, name),
    ...(sound === undefined ? [] : asked({ ...looked, ...sound }, [])),
  ]);
}
