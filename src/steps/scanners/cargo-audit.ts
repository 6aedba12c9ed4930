import type { Container } from "@dagger.io/dagger";
import type { ToolReport } from "../../model/finding.ts";
import { agreedReportOf, isOutOfPatience, type ReportingTool, toolDirectory } from "./tool-step.ts";

/** Built by cargo, of which it is no part. */
export function withCargoAudit(container: Container): Container {
  const argv = [
    "cargo",
    "install",
    "--root",
    toolDirectory,
    "cargo-audit",
    "--version",
    "0.22.2",
    "--locked",
  ];
  return container.withExec(argv);
}

/**
 * Vulnerabilities by RustSec's database, and what crates.io says was yanked. Where its index does not answer cargo-audit asks it
 * for ever: then the vulnerabilities are told alone, and that the rest is not known.
 * @throws ExecError with what it printed, and what `read` throws
 */
export async function cargoAuditReport(
  container: Container,
  read: (text: string) => Promise<ToolReport>,
): Promise<ToolReport> {
  try {
    return await agreedReportOf(container, cargoAudit(), read);
  } catch (error) {
    if (!isOutOfPatience(error)) throw error;
    const { findings, problems } = await agreedReportOf(container, cargoAudit("--no-yanked"), read);
    return { findings, problems: [...problems, withoutIndex] };
  }
}

const patienceSeconds = 120;

const withoutIndex = `whether crates were yanked is not known: index.crates.io did not answer within ${String(patienceSeconds)} seconds. Where it is out of reach, say so in .cargo/audit.toml: [yanked] enabled = false`;

function cargoAudit(...words: readonly string[]): ReportingTool {
  const argv = [`${toolDirectory}/bin/cargo-audit`, "audit", "--json", ...words];
  return { argv, found: 1, complaints, patienceSeconds };
}

/** One line for each crate that it could not ask about; its exit code is not theirs. */
function complaints(said: string): string[] {
  const lines = said.split("\n").filter((line) => line.startsWith("error: couldn't check"));
  const [first, ...others] = lines;
  if (first === undefined) return [];
  return [others.length === 0 ? first : `${first} (and ${String(others.length)} more)`];
}
