import type { Container } from "@dagger.io/dagger";
import { firstLine, readReport, type ReportFormat } from "../../findings/findings.ts";
import { failure, unreachable } from "../../model/errors.ts";
import { lastLines, outputOf, stepFailure } from "../step-failure.ts";
import { packageManager, type Toolchain, withPackageManager } from "../toolchains/toolchains.ts";
import { cargoAuditReport, withCargoAudit } from "./cargo-audit.ts";
import type { ScanContext, Scanner } from "./scanner.ts";
import {
  agreedReportOf,
  askedOn,
  inRepository,
  isOutOfPatience,
  reportOf,
  type ReportingTool,
} from "./tool-step.ts";

/** Known vulnerabilities of what the lockfile names, by the repository's own package manager. Nothing of it is installed. */
export const audit: Scanner = {
  finds: "packages of the lockfile with known vulnerabilities, by the package manager's own audit",
  image: ({ images, manager }) => images[manager.image],
  scan: async (context) => {
    const { source, project, day, progress } = context;
    const { toolchain, tool, format } = auditOf(project.toolchain);
    if (toolchain.version !== project.toolchain.version)
      progress.note(
        `asked by ${toolchain.manager} ${String(toolchain.version)}: registries answer no older one's audit`,
      );
    try {
      const container = askedOn(inRepository(withAuditor(context, toolchain), source), day);
      const read = (text: string) => readReport(format, text, { lockfile: toolchain.lockfile });
      if (tool === undefined) return await cargoAuditReport(container, read);
      // Nothing says whether its exit code counts what the repository has it ignore.
      if (toolchain.manager === "pnpm") return await read(await reportOf(container, tool));
      return await agreedReportOf(container, tool, read);
    } catch (error) {
      throw unanswered(error, toolchain.manager) ?? error;
    }
  },
};

interface Audit {
  readonly toolchain: Toolchain;
  /** None for cargo, whose audit is a program of its own. */
  readonly tool?: ReportingTool;
  readonly format: ReportFormat;
}

/** The first pnpm that asks registries where they still answer: the older address was given up in 2026. */
const pnpm = { major: 11, version: "11.28.11" } as const;

function auditOf(toolchain: Toolchain): Audit {
  const { manager, version } = toolchain;
  const major = Number(/^\d+/.exec(version ?? "")?.[0] ?? 0);
  switch (manager) {
    case "pnpm":
      return {
        toolchain: major < pnpm.major ? { ...toolchain, version: pnpm.version } : toolchain,
        tool: { argv: ["pnpm", "audit", "--json"], found: 1, refusal: '"error":' },
        format: "pnpm-audit",
      };
    case "npm":
      return {
        toolchain,
        tool: { argv: ["npm", "audit", "--json"], found: 1, refusal: '"error":' },
        format: "npm-audit",
      };
    case "yarn": {
      const modern = ["yarn", "npm", "audit", "--all", "--recursive", "--json"];
      // A sum of 1, 2, 4, 8 and 16, one for each severity.
      const classic = { argv: ["yarn", "audit", "--json"], found: 31 };
      return {
        toolchain,
        tool: { ...(major === 1 ? classic : { argv: modern, found: 1 }), refusal: '"type": *"error"' },
        format: "yarn-audit",
      };
    }
    case "cargo":
      return { toolchain, format: "cargo-audit" };
    default:
      return unreachable(manager);
  }
}

function withAuditor({ dag, project: { images } }: ScanContext, toolchain: Toolchain): Container {
  const manager = packageManager(toolchain);
  const container = withPackageManager(dag, images[manager.image], manager);
  if (toolchain.manager === "cargo") return withCargoAudit(container);
  // Else pnpm would run the version that package.json names.
  return container.withEnvVariable("pnpm_config_pm_on_fail", "ignore");
}

const adviceOnRegistry = "Can the registry be reached, and does it know advisories? Many mirrors do not:";
const adviceOnDatabase =
  "Can its advisory database be reached (github.com/RustSec/advisory-db, or `url` of [database] in .cargo/audit.toml), and is that file whole?";

/** Undefined for what is no end of a step. */
function unanswered(error: unknown, manager: Toolchain["manager"]): Error | undefined {
  const failed = stepFailure(error);
  if (failed === undefined) return undefined;
  const said = /"(?:message|summary|data)": *"((?:[^"\\\n]|\\.)+)"/.exec(failed.stdout)?.[1];
  const words = isOutOfPatience(error) ? "it took too long" : (said ?? lastLines(outputOf(failed), 20));
  return failure(`the audit got no answer: ${firstLine(words)}`, {
    code: "AUDIT_UNANSWERED",
    remedy: `${manager === "cargo" ? adviceOnDatabase : adviceOnRegistry} \`{ scan: osv-scanner }\` asks osv.dev instead.`,
    cause: error,
  });
}
