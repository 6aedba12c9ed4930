import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

export interface GoProgram {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** Its main package, in the module. */
  readonly main: string;
  /** The variable that its own build writes the version to. */
  readonly versionVariable: string;
  readonly variables?: Readonly<Record<string, string>>;
}

const patienceMs = 40 * 60_000;

/**
 * The folder of a program that Go builds from its module as its makers do: one whose go.mod replaces modules is none that
 * `go install` takes. Kept between runs, as it takes many minutes.
 * @returns why there is none, as `reason`
 */
export function goProgram(program: GoProgram): { readonly folder: string } | { readonly reason: string } {
  const { name, module, version, main, versionVariable, variables = {} } = program;
  const kept = process.env["FAIRWAY_TEST_TOOLS"] ?? join(homedir(), ".cache/fairway-test-tools");
  const folder = join(kept, `${name}-${version}`);
  if (existsSync(join(folder, name))) return { folder };
  const env = { ...process.env, GOFLAGS: "-buildvcs=false", CGO_ENABLED: "0", ...variables };
  const downloaded = spawnSync("go", ["mod", "download", "-json", `${module}@v${version}`], {
    env,
    cwd: tmpdir(),
  });
  if (downloaded.status !== 0) return { reason: `Go cannot get ${module} ${version} here` };
  const { Dir } = JSON.parse(downloaded.stdout.toString()) as { Dir: string };
  const source = mkdtempSync(join(tmpdir(), `fairway-${name}-`));
  try {
    cpSync(Dir, source, { recursive: true });
    spawnSync("chmod", ["-R", "u+w", source]);
    const flags = `-s -w -X ${versionVariable}=${version}`;
    const argv = ["build", "-trimpath", "-ldflags", flags, "-o", join(folder, name), main];
    const built = spawnSync("go", argv, { env, cwd: source, timeout: patienceMs });
    if (built.status === 0) return { folder };
    return { reason: `Go cannot build ${module} ${version} here: ${built.stderr.toString().slice(-300)}` };
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
}

export const trufflehog: GoProgram = {
  name: "trufflehog",
  module: "github.com/trufflesecurity/trufflehog/v3",
  version: "3.96.0",
  main: ".",
  versionVariable: "github.com/trufflesecurity/trufflehog/v3/pkg/version.BuildVersion",
};

export const trivy: GoProgram = {
  name: "trivy",
  module: "github.com/aquasecurity/trivy",
  version: "0.73.0",
  main: "./cmd/trivy",
  versionVariable: "github.com/aquasecurity/trivy/pkg/version/app.ver",
  variables: { GOEXPERIMENT: "jsonv2" },
};
