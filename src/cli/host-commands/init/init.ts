import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { loadConfig } from "../../../config/config.ts";
import { usageError } from "../../../model/errors.ts";
import type { Violation } from "../../../steps/images/images.ts";
import type { HostCommandCall } from "../../commands/invocation.ts";
import type { HostCommandContext } from "../host-commands.ts";
import { draftConfig, type Draft } from "./config.ts";
import { moduleChanges } from "./module.ts";
import { packageChanges, type Change } from "./packages.ts";
import { registriesFor } from "./registries.ts";
import type { FoundService } from "./service.ts";
import { survey, type Survey } from "./survey.ts";

/** `fairway init`: looks, writes fairway.yaml (or ci/), and says what is left for a person. Overwrites nothing. */
export async function init(
  call: HostCommandCall,
  { module, places, terminal }: HostCommandContext,
): Promise<number> {
  const isModule = call.values["module"] === true;
  const dryRun = call.values["dryRun"] === true;
  const found = await survey(places.repository);
  refuseToOverwrite(places.repository, isModule ? "ci/dagger.json" : "fairway.yaml");
  const draft = (isModule ? configThere(places.repository) : null) ?? draftConfig(found);
  const own = isModule
    ? [
        ...moduleChanges(found, draft, (await module()).manifest, places),
        ...registriesFor("ci", places.repository),
      ]
    : [{ path: "fairway.yaml", content: configText(draft), summary: [] }];
  for (const { path } of own) refuseToOverwrite(places.repository, path);
  const changes = [...own, ...packageChanges(found, places)];
  if (!dryRun) await write(places.repository, changes);
  terminal.out(report(changes, draft, found, { dryRun, isModule }));
  return 0;
}

/** The pipeline of a team that has one already becomes that of its module. */
function configThere(root: string): Draft | null {
  const path = join(root, "fairway.yaml");
  if (!existsSync(path)) return null;
  const text = readFileSync(path, "utf8");
  loadConfig(text, "fairway.yaml");
  return {
    config: parse(text) as Draft["config"],
    undecided: [
      "fairway.yaml is what ci/ was written from; the module does not read it, so one of the two has to go",
    ],
  };
}

function configText({ config }: Draft): string {
  const body = stringify(config, { lineWidth: 110 }).replace(/\n(?=\w)/g, "\n\n");
  const text = `# yaml-language-server: $schema=./node_modules/@fairway/sdk/fairway.schema.json\n${body}`;
  // What init writes must be what deploy reads.
  loadConfig(text, "fairway.yaml");
  return text;
}

function refuseToOverwrite(root: string, path: string): void {
  if (!existsSync(join(root, path))) return;
  throw usageError(`${path} is there already; init overwrites nothing`, {
    code: "FILE_EXISTS",
    place: join(root, path),
    remedy: "npx fairway doctor",
  });
}

async function write(root: string, changes: readonly Change[]): Promise<void> {
  for (const { path, content } of changes) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

interface ReportOptions {
  readonly dryRun: boolean;
  readonly isModule: boolean;
}

function report(
  changes: readonly Change[],
  draft: Draft,
  found: Survey,
  { dryRun, isModule }: ReportOptions,
): string {
  const lines = changes.flatMap(({ path, summary, content }) => [
    `${dryRun ? "would write" : "wrote"}  ${path}`,
    ...summary.map((line) => `         + ${line}`),
    ...(dryRun && summary.length === 0 ? content.split("\n").map((line) => `         ${line}`) : []),
  ]);
  if (draft.undecided.length > 0) {
    lines.push("", "Look at these; the files do not tell:", ...draft.undecided.map((line) => `  - ${line}`));
  }
  const refusals = found.services.flatMap(refusalsOf);
  if (refusals.length > 0) lines.push("", "A deploy refuses an image for these:", ...refusals);
  lines.push("", "Next:", ...nextCommands(found, isModule).map((command) => `  ${command}`), "");
  return lines.join("\n");
}

/** The image policy, while there is time to mend the Dockerfile. */
function refusalsOf({ policy: { certain, unlessBase } }: FoundService): string[] {
  const line = (doubt: string) => (violation: Violation) => [
    `  - ${violation.where}: ${violation.what}${doubt}`,
    `    fix: ${violation.fix}`,
  ];
  return [...certain.flatMap(line("")), ...unlessBase.flatMap(line(", unless its base brings it"))];
}

function nextCommands({ packageManager, packageJson, services }: Survey, isModule: boolean): string[] {
  const install = packageManager === "pnpm" ? "npx pnpm install" : `${packageManager} install`;
  const installs =
    packageJson === null ? ["npm install --save-dev @fairway/sdk @dagger.io/dagger"] : [install];
  return [
    ...installs,
    ...(isModule ? ["(cd ci && npm install)"] : []),
    "npx fairway doctor",
    services.length === 0 ? "npx fairway check" : "npx fairway deploy --env local",
  ];
}
