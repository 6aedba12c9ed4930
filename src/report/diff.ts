import type { Json } from "../model/canonical-json.ts";
import type { PlannedCommit, Release, ServiceRelease } from "../model/plan.ts";
import type { DeploymentSummary } from "../release/state.ts";
import { indent, table } from "./text.ts";

/** What the second of two deployments has that the first has not. */
export interface DeploymentDiff {
  readonly from: DeploymentSummary;
  readonly to: DeploymentSummary;
  /** Newest first; null where the history at hand does not reach both. */
  readonly commits: readonly PlannedCommit[] | null;
}

interface Change {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export function diffText({ from, to, commits }: DeploymentDiff): string {
  const lines = [`${from.id} (${from.release.version}) -> ${to.id} (${to.release.version})`];
  const changes = changesOf(from.release, to.release);
  if (changes.length === 0) lines.push("", "the same images, settings and migrations");
  else lines.push("", indent(table(changes.map(({ what, before, after }) => [what, before, "->", after]))));
  if (commits === null) lines.push("", "commits: the history of this clone does not reach both");
  else if (commits.length > 0) {
    const rows = commits.map(({ commit, author, subject }) => [commit.slice(0, 7), author.name, subject]);
    lines.push("", "commits", indent(table(rows)));
  }
  return lines.join("\n");
}

export function diffJson({ from, to, commits }: DeploymentDiff): Json {
  return {
    from: { deployment: from.id, version: from.release.version, commit: from.release.commit },
    to: { deployment: to.id, version: to.release.version, commit: to.release.commit },
    changes: changesOf(from.release, to.release) as unknown as Json,
    commits: commits as unknown as Json,
  };
}

function changesOf(from: Release, to: Release): Change[] {
  const names = [...new Set([...from.services, ...to.services].map(({ name }) => name))].sort();
  const migrations = to.migrations.filter((name) => !from.migrations.includes(name));
  const gone = from.migrations.filter((name) => !to.migrations.includes(name));
  return [
    ...names.flatMap((name) => serviceChanges(name, serviceOf(from, name), serviceOf(to, name))),
    ...migrations.map((name) => ({ what: `migration ${name}`, before: "-", after: "applied" })),
    ...gone.map((name) => ({ what: `migration ${name}`, before: "expected", after: "not expected" })),
  ];
}

function serviceOf({ services }: Release, name: string): ServiceRelease | undefined {
  return services.find((service) => service.name === name);
}

function serviceChanges(
  name: string,
  from: ServiceRelease | undefined,
  to: ServiceRelease | undefined,
): Change[] {
  if (from === undefined)
    return [{ what: name, before: "-", after: to === undefined ? "-" : shortImage(to.image) }];
  if (to === undefined) return [{ what: name, before: shortImage(from.image), after: "removed" }];
  const fields = Object.keys({ ...from, ...to }) as (keyof ServiceRelease)[];
  return fields.flatMap((field) => {
    const [before, after] = [shown(field, from[field]), shown(field, to[field])];
    return before === after ? [] : [{ what: `${name} ${field}`, before, after }];
  });
}

function shown(field: keyof ServiceRelease, value: unknown): string {
  if (field === "image" && typeof value === "string") return shortImage(value);
  if (value === undefined) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `host/repository@sha256:<64 hex>`: twelve digits tell two of them apart. */
function shortImage(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]{52}$/, "$1");
}
