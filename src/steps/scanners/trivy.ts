import type { Container, Directory } from "@dagger.io/dagger";
import { readReport } from "../../findings/findings.ts";
import type { ToolReport } from "../../model/finding.ts";
import { buildImage } from "../images/images.ts";
import type { ScanContext, Scanner, ScanOptions } from "./scanner.ts";
import { askedOn, inRepository, reportOf } from "./tool-step.ts";

const file = "/tmp/trivy.json";
const asked = ["--scanners", "vuln,secret"];

/** Trivy, of files, of what configures the deployment, of the services' images, or of a bill of materials. */
export const trivy: Scanner<ScanOptions<"trivy">> = {
  finds: "vulnerable packages, secrets and faults of configuration, by Trivy",
  image: ({ images }) => images.trivy,
  scan: async (context, { of, file: bill }) => {
    switch (of) {
      case "files":
        return report(trivyIn(context, context.source), ["fs", ...asked, "."]);
      case "config":
        return report(trivyIn(context, context.source), ["config", "."]);
      case "sbom":
        return report(trivyIn(context, context.source), ["sbom", bill ?? "."]);
      case "images":
        return ofImages(context);
    }
  },
};

async function ofImages(context: ScanContext): Promise<ToolReport> {
  const { project, source } = context;
  const services = Object.entries(project.config.services);
  const reports = await Promise.all(
    services.map(async ([service, { dockerfile, context: folder }]) => {
      const { container } = await buildImage(source, { service, dockerfile, context: folder });
      const archive = `/tmp/${service}.tar`;
      const tool = trivyIn(context, context.dag.directory()).withFile(archive, container.asTarball());
      return report(tool, ["image", ...asked, "--input", archive], service);
    }),
  );
  return {
    findings: reports.flatMap(({ findings }) => findings),
    problems: reports.flatMap(({ problems }) => problems),
  };
}

/** Its database of vulnerabilities is kept from day to day, and brought up to date by itself. */
function trivyIn({ dag, project, day }: ScanContext, source: Directory): Container {
  const container = dag
    .container()
    .from(project.images.trivy)
    .withMountedCache("/var/cache/trivy", dag.cacheVolume("fairway-trivy"))
    .withEnvVariable("TRIVY_CACHE_DIR", "/var/cache/trivy");
  return askedOn(inRepository(container, source), day);
}

async function report(container: Container, words: readonly string[], image?: string): Promise<ToolReport> {
  const quiet = ["--quiet", "--skip-version-check", "--disable-telemetry"];
  const argv = ["trivy", ...words, ...quiet, "--format", "json", "--output", file];
  const text = await reportOf(container, { argv, file });
  return readReport("trivy", text, image === undefined ? {} : { image });
}
