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

/** The address with which this person commits: null where git has none, or is not there. */
export async function actorEmailIn(
  repository: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const told = variables["GITLAB_USER_EMAIL"] ?? variables["GIT_AUTHOR_EMAIL"];
  if (told) return told;
  // In a CI, git's own is the address of a robot.
  if (sources.some(([variable]) => variables[variable])) return null;
  const { execa } = await import("execa");
  const { stdout } = await execa("git", ["config", "--get", "user.email"], {
    cwd: repository,
    reject: false,
  });
  return typeof stdout === "string" && stdout !== "" ? stdout : null;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in /etc/passwd, as containers have.
    return `uid-${String(process.getuid?.() ?? "unknown")}`;
  }
}
