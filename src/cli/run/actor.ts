import { hostname, userInfo } from "node:os";

/** Variables in which the known CIs say who started a job, and the name that the CI goes by. */
const sources = [
  ["GITHUB_ACTOR", "github"],
  ["GITLAB_USER_LOGIN", "gitlab"],
  ["CIRCLE_USERNAME", "circleci"],
  ["BUILDKITE_BUILD_CREATOR_EMAIL", "buildkite"],
  ["BUILD_REQUESTEDFOREMAIL", "azure"],
  ["BITBUCKET_STEP_TRIGGERER_UUID", "bitbucket"],
  ["BUILD_USER_ID", "jenkins"],
] as const;

/** Who asks, for the ledger: `ada@laptop`, `ada@github`. */
export function actorOf(variables: Readonly<Record<string, string | undefined>>): string {
  for (const [variable, ci] of sources) {
    const name = variables[variable];
    if (name) return `${name}@${ci}`;
  }
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in /etc/passwd, as containers have.
    return `uid-${String(process.getuid?.() ?? "unknown")}`;
  }
}
