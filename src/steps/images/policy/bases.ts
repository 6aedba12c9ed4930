import { DockerfileParser } from "dockerfile-ast";
import type { Dockerfile, From } from "dockerfile-ast";
import type { DockerfileText, Violation } from "./violation.ts";

/** Bases that are another image tomorrow: no tag, or `latest`, and no digest. Earlier stages and scratch are none. */
export function mutableBases({ path, text }: DockerfileText): Violation[] {
  const dockerfile = DockerfileParser.parse(text);
  const stages = new Set<string>();
  return dockerfile.getFROMs().flatMap((from) => {
    const violation = mutableBase(dockerfile, from, stages, path);
    const stage = from.getBuildStage();
    if (stage !== null) stages.add(stage.toLowerCase());
    return violation;
  });
}

function mutableBase(
  dockerfile: Dockerfile,
  from: From,
  stages: ReadonlySet<string>,
  path: string,
): Violation[] {
  const image = withArguments(dockerfile, from.getImage() ?? "");
  if (image === "scratch" || stages.has(image.toLowerCase()) || image.includes("@")) return [];
  const where = `${path}:${String(from.getRange().start.line + 1)}`;
  if (image === "" || image.includes("$"))
    return [
      {
        what: `the base ${image} has no value without a build argument`,
        where,
        fix: "give the ARG before it a default",
      },
    ];
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  if (tag !== undefined && tag !== "latest") return [];
  const name = image.replace(/:latest$/, "");
  return [
    {
      what: `the base ${image} is another image tomorrow`,
      where,
      fix: `name a version, and its digest where builds must repeat: FROM ${name}:<version>@sha256:<digest>`,
    },
  ];
}

/** `${NAME}`, `$NAME` and `${NAME:-default}` with the defaults of the ARGs before the first FROM. */
export function withArguments(dockerfile: Dockerfile, image: string): string {
  const values = new Map<string, string>();
  for (const arg of dockerfile.getInitialARGs()) {
    const property = arg.getProperty();
    const value = property?.getValue();
    if (property != null && value != null) values.set(property.getName(), value);
  }
  return image.replace(
    /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g,
    (whole, name?: string, otherwise?: string, bare?: string) => {
      return values.get(name ?? bare ?? "") ?? otherwise ?? whole;
    },
  );
}
