import { z } from "zod";
import { failure, unreachable } from "../../../model/errors.ts";
import type { ScanContext } from "../scanner.ts";
import { inRepository } from "../tool-step.ts";
import { withPackageManager } from "../../toolchains/toolchains.ts";

export interface Dependency {
  /** A purl type: `npm`, `cargo`. */
  readonly ecosystem: string;
  readonly name: string;
  /** Sorted. */
  readonly versions: readonly string[];
  /** As the package says it; undefined where it does not. */
  readonly license: string | undefined;
}

/** @throws FairwayError LICENSES_UNREADABLE (exit 1), LICENSES_UNLISTED (exit 1), and ExecError of the package manager */
export async function listed({ dag, source, project, progress }: ScanContext): Promise<Dependency[]> {
  const { toolchain, manager, images } = project;
  const inInstalled = async (...argv: string[]) =>
    (await project.installed(progress)).withExec(argv).stdout();
  switch (toolchain.manager) {
    case "pnpm":
      return ofPnpm(await inInstalled("pnpm", "licenses", "list", "--recursive", "--json"));
    case "npm": {
      // The lockfile has them.
      const container = inRepository(withPackageManager(dag, images.node, manager), source);
      const argv = ["npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
      return ofCycloneDx(await container.withExec(argv).stdout());
    }
    case "yarn":
      if (toolchain.version?.startsWith("1.") !== true) throw unlisted(toolchain.version);
      return ofYarn(await inInstalled("yarn", "--silent", "licenses", "list", "--json"));
    case "cargo":
      return ofCargo(await inInstalled("cargo", "metadata", "--format-version", "1", "--locked"));
    default:
      return unreachable(toolchain.manager);
  }
}

function unlisted(version: string | null) {
  return failure(`yarn ${version ?? ""} lists no licences`, {
    code: "LICENSES_UNLISTED",
    place: "package.json packageManager",
    remedy: "Another tool may: `{ scan: sarif }` takes what it finds.",
  });
}

const ofLicense = z.array(z.object({ name: z.string(), versions: z.array(z.string()) }));

/** `pnpm licenses list --json`: by licence. It says `Unknown` for none. */
export function ofPnpm(text: string): Dependency[] {
  // Where there are no dependencies it is a sentence.
  if (/^No licenses in packages found/.test(text.trim())) return [];
  return Object.entries(read("pnpm", text, z.record(z.string(), ofLicense))).flatMap(([license, packages]) =>
    packages.map(({ name, versions }) => ({
      ...{ ecosystem: "npm", name, versions: [...versions].sort() },
      license: license === "Unknown" ? undefined : license,
    })),
  );
}

const term = z.union([
  z.object({ expression: z.string() }),
  z.object({ license: z.object({ id: z.string().optional(), name: z.string().optional() }) }),
]);
const component = z.object({
  name: z.string(),
  group: z.string().optional(),
  version: z.string().default(""),
  licenses: z.array(term).default([]),
});
const cycloneDx = z.object({ components: z.array(component).default([]) });

/** A bill of materials: https://cyclonedx.org/docs/1.5/json/ */
export function ofCycloneDx(text: string): Dependency[] {
  return read("npm", text, cycloneDx).components.map(({ group, name, version, licenses }) => {
    const terms = licenses.map((one) =>
      "expression" in one ? one.expression : (one.license.id ?? one.license.name ?? ""),
    );
    return {
      ecosystem: "npm",
      name: group === undefined || group === "" ? name : `${group}/${name}`,
      versions: [version],
      license: terms.length === 0 ? undefined : terms.join(" AND "),
    };
  });
}

const row = z.tuple([z.string(), z.string(), z.string()], z.unknown());
const table = z.object({ type: z.literal("table"), data: z.object({ body: z.array(row) }) });

/** `yarn licenses list --json` of Yarn 1: a table of name, version and licence. */
export function ofYarn(text: string): Dependency[] {
  const last = text.trim().split("\n").at(-1) ?? "";
  return read("yarn", last, table).data.body.map(([name, version, license]) => ({
    ...{ ecosystem: "npm", name, versions: [version] },
    license: license === "UNKNOWN" ? undefined : license,
  }));
}

const crate = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().nullish(),
  source: z.string().nullable(),
});

/** `cargo metadata --format-version 1`. The repository's own crates have no source. */
export function ofCargo(text: string): Dependency[] {
  const { packages } = read("cargo", text, z.object({ packages: z.array(crate) }));
  return packages
    .filter(({ source }) => source !== null)
    .map(({ name, version, license }) => ({
      ...{ ecosystem: "cargo", name, versions: [version] },
      // Older crates write `MIT/Apache-2.0`.
      license: license?.replaceAll("/", " OR ") ?? undefined,
    }));
}

function read<T>(manager: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw failure(`what ${manager} lists of licences cannot be read`, {
      code: "LICENSES_UNREADABLE",
      place: manager,
      remedy: "Is its version one of the last years'?",
      cause,
    });
  }
}
