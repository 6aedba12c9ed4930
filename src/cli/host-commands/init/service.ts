import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { foreseen, type Foreseen } from "../../../steps/images/images.ts";

/** What a Dockerfile and the code beside it tell of a service; null is what they do not. */
export interface FoundService {
  readonly name: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly port: number | null;
  readonly startup: string | null;
  readonly ready: string | null;
  readonly live: string | null;
  readonly envSchema: string | null;
  /** What the image policy will say of its image. */
  readonly policy: Foreseen;
}

interface ServiceRequest {
  readonly root: string;
  readonly dockerfile: string;
  readonly files: readonly string[];
  readonly fallbackName: string;
}

export function readService({ root, dockerfile, files, fallbackName }: ServiceRequest): FoundService {
  const directory = dirname(dockerfile);
  const text = readFileSync(join(root, dockerfile), "utf8");
  const ownCode = files.filter(
    (file) => isCode(file) && (directory === "." || file.startsWith(`${directory}/`)),
  );
  const otherCode = files.filter((file) => isCode(file) && !ownCode.includes(file));
  // Routes of a service often stand in a package that all services share.
  const paths = [pathsIn(text), pathsInFiles(root, ownCode), pathsInFiles(root, otherCode)];
  const path = (pattern: RegExp) =>
    paths
      .map((found) => found.find((candidate) => pattern.test(candidate)))
      .find((found) => found !== undefined);
  return {
    name: nameOf(dockerfile, fallbackName),
    dockerfile,
    context: contextOf(root, text, directory),
    port: portOf(text),
    startup: path(/startup/) ?? null,
    ready: path(/read(y|iness)/) ?? path(/health(z|check)?$/) ?? null,
    live: path(/liv(e|eness|ez)$/) ?? null,
    envSchema: ownCode.find((file) => exportsEnvironmentSchema(root, file)) ?? null,
    policy: foreseen({ path: dockerfile, text }),
  };
}

function nameOf(dockerfile: string, fallback: string): string {
  const suffix =
    /^Dockerfile\.(.+)$/.exec(basename(dockerfile))?.[1] ??
    /^(.+)\.Dockerfile$/.exec(basename(dockerfile))?.[1];
  const directory = dirname(dockerfile);
  return (suffix ?? (directory === "." ? fallback : basename(directory)))
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-");
}

function portOf(dockerfile: string): number | null {
  const exposed = DockerfileParser.parse(dockerfile)
    .getInstructions()
    .filter((one) => one.getKeyword() === "EXPOSE");
  const port = exposed.at(-1)?.getArguments()[0]?.getValue();
  return port !== undefined && /^\d+(\/tcp)?$/.test(port) ? Number.parseInt(port, 10) : null;
}

/** The directory in which what the Dockerfile copies is there. */
function contextOf(root: string, dockerfile: string, directory: string): string {
  const copied = DockerfileParser.parse(dockerfile)
    .getInstructions()
    .filter((one) => ["COPY", "ADD"].includes(one.getKeyword()))
    .map((one) => one.getArguments().map((argument) => argument.getValue()))
    .filter((words) => !words.some((word) => word.startsWith("--from")))
    .flatMap((words) => words.filter((word) => !word.startsWith("--")).slice(0, -1))
    .filter((path) => !/[*$]/.test(path) && path !== ".");
  const present = (base: string) => copied.filter((path) => existsSync(join(root, base, path))).length;
  return directory !== "." && present(directory) > present(".") ? directory : ".";
}

function isCode(file: string): boolean {
  return (
    /\.((m|c)?(t|j)sx?|rs)$/.test(file) &&
    !/(\.d\.ts|\.(test|spec)\.\w+)$|(^|\/)(test|tests|__tests__)\//.test(file)
  );
}

const health = /\/[\w/-]*(?:health|ready|readiness|live|liveness|startup)[\w/-]*/g;

function pathsIn(text: string): string[] {
  return [...text.matchAll(health)]
    .map(([path]) => path)
    .filter((path) => !path.includes("//") && path.length < 60);
}

/** Only what is written as a string: a path in code, not in an import or a comment. */
function pathsInFiles(root: string, files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const strings = readFileSync(join(root, file), "utf8").matchAll(/["'`](\/[\w/-]{2,60})["'`]/g);
    return [...strings].flatMap(([, path = ""]) => pathsIn(path).filter((found) => found === path));
  });
}

function exportsEnvironmentSchema(root: string, file: string): boolean {
  if (!/env/i.test(basename(file)) && !/config/i.test(file)) return false;
  const text = readFileSync(join(root, file), "utf8");
  return /from ["']zod/.test(text) && /export (const (environmentSchema|schema)\b|default )/.test(text);
}
