import type { Client, Container } from "@dagger.io/dagger";
import { firstLine } from "../../findings/findings.ts";
import type { ToolReport } from "../../model/finding.ts";
import type { Project } from "../project.ts";
import { stepFailure } from "../step-failure.ts";
import { workspace } from "../toolchains/toolchains.ts";

/** Tools of a registry, at the versions that are named, where the repository does not see them. */
export const toolDirectory = "/opt/fairway";

/** `@scope/name@1.2.3`, installed by npm without running anything of theirs, unless that is what installs them. */
export function npmTools(
  dag: Client,
  { images }: Pick<Project, "images">,
  packages: readonly string[],
  { installScripts = false } = {},
): Container {
  return dag
    .container()
    .from(images.node)
    .withMountedCache("/root/.npm", dag.cacheVolume("fairway-npm"))
    .withExec([
      ...["npm", "install", "--prefix", toolDirectory, "--no-audit", "--no-fund"],
      ...(installScripts ? [] : ["--ignore-scripts"]),
      ...packages,
    ]);
}

/** `module/cmd@v1.2.3`, built from its source: Go's checksum database says that it is the source that everybody got. */
export function goTool(dag: Client, { images }: Pick<Project, "images">, module: string): Container {
  return dag
    .container()
    .from(images.go)
    .withMountedCache("/go/pkg/mod", dag.cacheVolume("fairway-go-modules"))
    .withMountedCache("/root/.cache/go-build", dag.cacheVolume("fairway-go-build"))
    .withEnvVariable("CGO_ENABLED", "0")
    .withExec(["go", "install", module]);
}

/** `name==1.2.3`, installed by pip into a folder of its own. */
export function pythonTool(dag: Client, { images }: Pick<Project, "images">, requirement: string): Container {
  return dag
    .container()
    .from(images.python)
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("fairway-pip"))
    .withExec(["python3", "-m", "pip", "install", "--quiet", "--target", toolDirectory, requirement])
    .withEnvVariable("PYTHONPATH", toolDirectory)
    .withEnvVariable("PATH", `${toolDirectory}/bin:$PATH`, { expand: true });
}

/** The repository at its place; what a tool says of paths is relative to it. */
export function inRepository(container: Container, source: Project["source"]): Container {
  return container.withWorkdir(workspace).withDirectory(workspace, source);
}

/** What follows asks the world outside: its answer is that of a day. */
export function askedOn(container: Container, day: string): Container {
  return container.withEnvVariable("FAIRWAY_ASKED_ON", day);
}

export interface ReportingTool {
  readonly argv: readonly string[];
  /** The file that it writes its report to; its standard output where it has none. */
  readonly file?: string;
  /** The greatest of the exit codes by which it says that it found something. @default 0, whatever it found */
  readonly found?: number;
  /** What stands in a report that is none, in the tool's own words. */
  readonly refusal?: string;
  /** Its report has the text of secrets: where the step fails it is not printed. */
  readonly isSecret?: boolean;
  /** What of its standard error says that it could not look at everything. */
  readonly complaints?: (said: string) => string[];
  /** After which it is ended: for one that asks a server that does not answer again and again. */
  readonly patienceSeconds?: number;
}

const written = "/tmp/fairway-report";
const saidFile = "/tmp/fairway-said";

/** A step that `reportOf` or `agreedReportOf` runs, for who answers in its place. */
export interface ReportStep {
  /** Files that it leaves, beside that of its exit code; `""` for one that nobody reads. */
  readonly report: string;
  readonly said: string;
  readonly command: readonly string[];
}

export function reportStep(argv: readonly string[]): ReportStep {
  const [, , , , report = "", , , , said = "", , ...command] = argv;
  return { report, said, command };
}

/**
 * The report of a tool that ends with a code of its own where it finds something. Any other end fails the step, so that
 * nothing remembers it: a registry that did not answer may answer the next time.
 * @throws ExecError with what the tool printed
 */
export function reportOf(container: Container, tool: ReportingTool): Promise<string> {
  return reporting(container, tool)
    .file(tool.file ?? written)
    .contents();
}

/**
 * The same for a tool whose exit code says that it found something: the code and the report have to agree.
 * @throws ExecError with what the tool printed, and what `read` throws
 */
export async function agreedReportOf(
  container: Container,
  tool: ReportingTool,
  read: (text: string) => Promise<ToolReport>,
): Promise<ToolReport> {
  const ended = reporting(container, tool);
  const [text, code, said] = await Promise.all([
    ended.file(tool.file ?? written).contents(),
    ended.file(exitCodeFile).contents(),
    tool.complaints === undefined ? "" : ended.file(saidFile).contents(),
  ]);
  const { findings, problems } = await read(text);
  const complaints = (tool.complaints?.(said) ?? []).map((line) => firstLine(line));
  return agreed({ findings, problems: [...problems, ...complaints] }, Number(code));
}

/** Programs also end with 1 where they break: then what they have written is not all. */
export function agreed(report: ToolReport, code: number): ToolReport {
  const { findings, problems } = report;
  if (code === 0 || findings.length + problems.length > 0) return report;
  return { findings, problems: [`it ended with exit code ${String(code)}, and its report has nothing`] };
}

/** Whether a step ended since its tool's patience did: the code of `timeout`, and of BusyBox's. */
export function isOutOfPatience(error: unknown): boolean {
  const code = stepFailure(error)?.exitCode;
  return code === 124 || code === 143;
}

function reporting(container: Container, tool: ReportingTool): Container {
  const { argv, file, found = 0, refusal = "", isSecret = false, complaints, patienceSeconds = "" } = tool;
  const to = file !== undefined ? "file" : isSecret ? "secret stdout" : "stdout";
  const said = complaints === undefined ? "" : saidFile;
  const words = [file ?? written, to, String(found), refusal, said, String(patienceSeconds)];
  return container.withExec(["sh", "-c", keepReport, "sh", ...words, ...argv]);
}

export const exitCodeFile = "/tmp/fairway-exit-code";

/** Runs in the step: an argument vector in, nothing of it is read as shell. */
const keepReport = `
# report, where findings are no failure
report=$1 to=$2 found=$3 refusal=$4 said=$5 patience=$6
shift 6
[ -n "$patience" ] && set -- timeout "$patience" "$@"
run() {
  if [ "$to" = file ]; then rm -f "$report"; "$@"; else "$@" > "$report"; fi
}
if [ -n "$said" ]; then run "$@" 2> "$said"; else run "$@"; fi
code=$?
[ -n "$said" ] && cat "$said" >&2
echo "$code" > ${exitCodeFile}
if [ "$code" -eq 0 ] && [ -f "$report" ]; then exit 0; fi
if [ "$code" -le "$found" ] && [ -s "$report" ] && { [ -z "$refusal" ] || ! grep -q -e "$refusal" "$report"; }; then exit 0; fi
[ "$to" = stdout ] && cat "$report"
[ "$code" -eq 0 ] && echo "It ended well, and wrote no report to $report." && exit 1
exit "$code"
`;
