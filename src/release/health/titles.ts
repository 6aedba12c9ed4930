import { unreachable } from "../../model/errors.ts";
import type { DependencyCheck, DependencyUrl } from "../../model/plan.ts";

/** What is asked, as people see it in the plan, the progress and an error. */
export function dependencyTitle(check: DependencyCheck): string {
  switch (check.kind) {
    case "database":
      return `PostgreSQL at ${placeOf(check.at)}`;
    case "redis":
      return `Redis at ${placeOf(check.at)}`;
    case "http":
      return check.url;
    case "certificate":
      return `certificate of ${check.host}:${String(check.port)}`;
    default:
      return unreachable(check);
  }
}

/** A secret is known by its name; of a URL that is none, a password is nobody's business all the same. */
function placeOf(at: DependencyUrl): string {
  if ("secret" in at) return at.secret;
  const url = URL.parse(at.url);
  return url === null ? "an address" : url.host;
}
