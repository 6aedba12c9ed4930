import type { GitopsConfig } from "../environment/gitops.ts";
import { knownNames, problem, type Path, type Problem } from "../problems.ts";
import type { Rule } from "./rule.ts";

/** A release sets the images of all services: where each stands has to be known before anything is built. */
export const gitopsHasServices: Rule = (config, names) =>
  Object.entries(config.environments).flatMap(([environment, { target }]) =>
    target === "local"
      ? []
      : problemsOf(target.gitops, ["environments", environment, "target", "gitops"], names.services),
  );

function problemsOf(gitops: GitopsConfig, path: Path, services: readonly string[]): Problem[] {
  const kind = (["kustomize", "helm", "yaml"] as const).find((name) => gitops[name] !== undefined);
  const images = kind === undefined ? null : Object.keys(gitops[kind]?.images ?? {});
  const strangers = (at: Path, keys: readonly string[]) =>
    keys
      .filter((key) => !services.includes(key))
      .map((key): Problem => ({
        ...problem([...at, key], `there is no service ${key}; ${knownNames(key, services)}`),
        atKey: true,
      }));
  const missing = images === null ? [] : services.filter((service) => !images.includes(service));
  return [
    ...missing.map((service) =>
      problem([...path, String(kind), "images"], `does not say where the image of ${service} stands`),
    ),
    ...strangers([...path, String(kind), "images"], images ?? []),
    ...strangers([...path, "urls"], Object.keys(gitops.urls)),
  ];
}
