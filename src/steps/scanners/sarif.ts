import { posix } from "node:path";
import type { Container } from "@dagger.io/dagger";
import { readReport } from "../../findings/findings.ts";
import type { ToolReport } from "../../model/finding.ts";
import { workspace } from "../toolchains/toolchains.ts";
import type { ScanContext, Scanner, ScanOptions } from "./scanner.ts";
import { agreedReportOf, askedOn, inRepository } from "./tool-step.ts";

/** Any tool that writes SARIF: run by a script of the repository, or in an image that has it. */
export const sarif: Scanner<ScanOptions<"sarif">> = {
  finds: "whatever a tool of the team's finds, by its SARIF file",
  image: ({ images }, { image }) => image ?? images.node,
  scan: reportBy,
};

async function reportBy(
  { dag, source, project, progress, day }: ScanContext,
  { name, file, script, image, command }: ScanOptions<"sarif">,
): Promise<ToolReport> {
  const written = posix.join(workspace, file);
  const read = (text: string) => readReport("sarif", text, { tool: name });
  if (script !== undefined) {
    const argv = project.manager.run(script);
    const container = toldOf(written, askedOn(await project.installed(progress), day));
    return agreedReportOf(container, { argv, file: written, found: 1 }, read);
  }
  if (image === undefined || command === undefined) throw new Error(`${name} has nothing that runs it`);
  // One that is committed is of another day. Images of tools often have no shell, and no other program.
  const container = askedOn(inRepository(dag.container().from(image), source.withoutFile(file)), day);
  return read(
    await toldOf(written, container)
      .withExec([...command])
      .file(written)
      .contents(),
  );
}

/** So that a command need not say the path again. */
function toldOf(report: string, container: Container): Container {
  return container.withEnvVariable("FAIRWAY_REPORT", report);
}
