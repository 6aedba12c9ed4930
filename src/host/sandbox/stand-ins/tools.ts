import { createHash } from "node:crypto";
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { failure } from "../../../model/errors.ts";
import type { Layer, LayerStore } from "../../layers/layers.ts";
import type { ToolImage } from "./table.ts";

const version = 1;
const shownDirectories = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];

/**
 * The tools of an image: what stands in /usr is seen inside anyway, and a single program file from elsewhere
 * (/usr/local/bin/trivy) is brought along into /usr/local/bin.
 * @throws FairwayError STAND_IN_MISSING that names each tool that this machine lacks
 */
export async function toolLayers(
  store: LayerStore,
  reference: string,
  image: ToolImage,
): Promise<readonly Layer[]> {
  const places = image.tools.map((tool) => ({ tool, place: findTool(tool) }));
  const missing = places.filter(({ place }) => place === undefined).map(({ tool }) => tool);
  if (missing.length > 0) {
    throw failure(`${reference} has ${missing.join(" and ")}, and this machine has none to stand in for it`, {
      code: "STAND_IN_MISSING",
      remedy: `install ${missing.join(" and ")} on this machine (in /usr/bin or /usr/local/bin), or use the real engine: --engine dagger`,
    });
  }
  const brought = places.filter(({ place }) => place?.kind === "file") as {
    tool: string;
    place: Extract<Place, { kind: "file" }>;
  }[];
  const aliases = Object.entries(image.aliases ?? {}).filter(([alias]) => !isShown(alias));
  if (brought.length === 0 && aliases.length === 0) return [];
  const key = createHash("sha256").update(
    JSON.stringify([version, brought, aliases, brought.map(({ place }) => statSync(place.path).mtimeMs)]),
  );
  const layer = await store.ensure(`stand-in:tools:${key.digest("hex").slice(0, 32)}`, (draft) => {
    const bin = join(draft.path, "usr/local/bin");
    mkdirSync(bin, { recursive: true });
    for (const { tool, place } of brought) {
      copyFileSync(place.path, join(bin, tool), constants.COPYFILE_FICLONE);
      chmodSync(join(bin, tool), 0o755);
    }
    for (const [alias, tool] of aliases) symlinkSync(`/usr/bin/${tool}`, join(bin, alias));
    return Promise.resolve();
  });
  return [layer];
}

/** Undefined where this machine has none that could be shown inside. */
export function pathOfTool(name: string): string | undefined {
  const place = findTool(name);
  return place?.kind === "shown" ? shownPath(name) : place?.path;
}

type Place = { readonly kind: "shown" } | { readonly kind: "file"; readonly path: string };

function findTool(name: string): Place | undefined {
  if (isShown(name)) return { kind: "shown" };
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  for (const folder of ["/usr/local/bin", ...path]) {
    const program = join(folder, name);
    if (!isExecutable(program)) continue;
    const real = realpathSync(program);
    if (isSelfContained(real)) return { kind: "file", path: real };
  }
  return undefined;
}

function isShown(name: string): boolean {
  return shownPath(name) !== undefined;
}

function shownPath(name: string): string | undefined {
  return shownDirectories
    .map((folder) => join(folder, name))
    .find(
      (program) =>
        isExecutable(program) &&
        !realpathSync(program).startsWith("/usr/local/") &&
        /^\/(usr|bin|sbin|lib)/.test(realpathSync(program)),
    );
}

/** An ELF program that is not a dispatcher which needs its own directory beside it (rustup's cargo, Go's go); `go install` makes such. */
function isSelfContained(path: string): boolean {
  if (/\/(\.cargo|\.rustup|\.pyenv|\.rbenv)\/|\/go\/bin\/go(fmt)?$/.test(path)) return false;
  const head = Buffer.alloc(4);
  const file = openSync(path, "r");
  try {
    readSync(file, head, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  return head.toString("latin1") === "\x7fELF";
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
