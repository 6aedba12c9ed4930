import { z } from "zod";
import { imageReference, label, repositoryPath } from "./names.ts";
import { needs } from "./needs.ts";
import { timeoutMinutes } from "./time-limit.ts";

const name = label.describe("Its name, for `--only` and reports; where a scanner is listed twice.");
const common = { name: name.optional(), needs, timeoutMinutes };
const licenses = z.array(z.string().min(1));

/** The shape of `scan: ...`: a scanner, and what it is told. */
export const scan = z.discriminatedUnion("scan", [
  z.strictObject({
    scan: z.enum(["secretlint", "gitleaks", "trufflehog", "audit", "osv-scanner", "snyk"]),
    ...common,
  }),
  z.strictObject({
    scan: z.literal("semgrep"),
    ...common,
    rules: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        "Files and folders of the repository with rules, or packs of Semgrep's registry (`p/javascript`). " +
          "Default: .semgrep.yml, .semgrep.yaml and .semgrep, as far as they are there.",
      ),
  }),
  z.strictObject({
    scan: z.literal("codeql"),
    ...common,
    image: imageReference.describe(
      "An image of yours with `codeql` and its query packs, by digest: its makers publish none.",
    ),
    languages: z
      .array(z.string().regex(/^[a-z][a-z-]*$/, "must be a language of CodeQL: javascript-typescript"))
      .min(1)
      .optional()
      .describe("Languages that are looked at. Default: that of the repository's package manager."),
  }),
  z.strictObject({
    scan: z.literal("trivy"),
    ...common,
    of: z
      .enum(["files", "config", "images", "sbom"])
      .default("files")
      .describe(
        "`files`: vulnerable packages and secrets of the repository; `config`: Dockerfiles and manifests; " +
          "`images`: those of the services; `sbom`: a CycloneDX or SPDX file of the repository.",
      ),
    file: repositoryPath.optional().describe("The file of `of: sbom`."),
  }),
  z.strictObject({
    scan: z.literal("licenses"),
    ...common,
    allow: licenses.min(1).optional().describe("SPDX names of the only licences that dependencies may have."),
    deny: licenses.min(1).optional().describe("SPDX names of licences that no dependency may have."),
  }),
  z.strictObject({
    scan: z.literal("sarif"),
    name: label.describe("The tool's name, for `--only` and reports."),
    needs,
    timeoutMinutes,
    file: repositoryPath.describe("The SARIF file that the tool writes, in the repository."),
    script: z.string().min(1).optional().describe("The script of the root package.json that runs the tool."),
    image: imageReference.optional().describe("The image with the tool, by digest, where no script runs it."),
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("What is run in the image, in the repository's root: the program and its arguments."),
  }),
]);

export type ScanConfig = z.infer<typeof scan>;
export type ScannerName = ScanConfig["scan"];
