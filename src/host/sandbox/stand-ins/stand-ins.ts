import { readFileSync } from "node:fs";
import { failure } from "../../../model/errors.ts";
import type { LayerStore } from "../../layers/layers.ts";
import type { StandIn } from "../sandbox.ts";
import { chromeOf } from "./chrome.ts";
import { nodeLayer } from "./node.ts";
import { plainImages, toolImages, type ToolImage } from "./table.ts";
import { findToolchain } from "./toolchains.ts";
import { toolLayers } from "./tools.ts";
import { userlandLayers } from "./userland.ts";
import { versionText } from "./versions.ts";

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * What this machine can put in the place of an image.
 * @throws FairwayError STAND_IN_MISSING (a tool that the image has and this machine lacks) or STAND_IN_UNKNOWN
 */
export async function standInFor(store: LayerStore, reference: string): Promise<StandIn> {
  const { name, tag } = partsOf(reference);
  if (name === "node") return nodeStandIn(store, reference, tag);
  if (browserImages.includes(name)) return browserStandIn(store, reference);
  const image = [...plainImages, ...toolImages].find(({ names }) => names.includes(name));
  if (image === undefined) throw unknownImage(reference, name);
  const toolchain =
    image.toolchain === undefined ? undefined : await findToolchain(store, image.toolchain, systemPath);
  const layers = toolchain === undefined ? await toolLayers(store, reference, image) : [toolchain.layer];
  const version = await versionText(image, tag);
  return {
    reference,
    notes: [
      `${reference} is stood in for by this machine's userland (${distribution()})${toolsOf(image)}${version}`,
    ],
    variables: { PATH: systemPath, ...toolchain?.variables },
    defaultCommand: image.command,
    mounts: toolchain?.mounts ?? [],
    stack: [...(await userlandLayers(store)), ...layers],
  };
}

/** Node with browsers, for which this machine's own stands in, where it has one. */
const browserImages = ["mcr.microsoft.com/playwright", "ghcr.io/puppeteer/puppeteer", "cypress/browsers"];

async function browserStandIn(store: LayerStore, reference: string): Promise<StandIn> {
  const { notes, ...node } = await nodeStandIn(store, reference, "");
  return { ...node, notes: notes.map((note) => `${note}; of its browsers only this machine's own is there`) };
}

async function nodeStandIn(store: LayerStore, reference: string, tag: string): Promise<StandIn> {
  const [userland, node, chrome] = await Promise.all([
    userlandLayers(store),
    nodeLayer(store, reference),
    chromeOf(store),
  ]);
  const asked = /^(\d+)/.exec(tag)?.[1];
  const major = node.nodeVersion.split(".")[0]!;
  const other =
    asked !== undefined && asked !== major ? `; the tag asks for Node ${asked}, another major version` : "";
  return {
    reference,
    notes: [
      `${reference} is stood in for by this machine's userland (${distribution()}) with Node ${node.nodeVersion} and npm ${node.npmVersion}${other}`,
    ],
    variables: { PATH: systemPath, NODE_VERSION: node.nodeVersion },
    defaultCommand: ["node"],
    mounts: chrome.mounts,
    stack: [...userland, ...node.layers, ...chrome.layers],
  };
}

/** `docker.io/library/node:24-slim@sha256:...` is the name `node` with the tag `24-slim`. */
function partsOf(reference: string): { readonly name: string; readonly tag: string } {
  const [withTag] = reference.split("@", 1);
  const colon = withTag!.indexOf(":", withTag!.lastIndexOf("/") + 1);
  const full = colon === -1 ? withTag! : withTag!.slice(0, colon);
  const tag = colon === -1 ? "latest" : withTag!.slice(colon + 1);
  const name = full
    .replace(
      /^(docker\.io|index\.docker\.io|registry-1\.docker\.io|public\.ecr\.aws\/docker|mirror\.gcr\.io)\//,
      "",
    )
    .replace(/^library\//, "");
  return { name, tag };
}

function unknownImage(reference: string, name: string) {
  const isDatabase = /(^|\/)(postgres|postgis|mysql|mariadb|mongo)$/.test(name);
  return failure(
    isDatabase
      ? `${reference} cannot be stood in for as a step: it is known as a service only`
      : `nothing on this machine can stand in for the image ${reference}`,
    {
      code: "STAND_IN_UNKNOWN",
      remedy: isDatabase
        ? "bind it to the step: container.asService() and withServiceBinding; or use the real engine: --engine dagger"
        : "use the real engine (--engine dagger), or an image that can be stood in for: node, debian, ubuntu, alpine, busybox, " +
          toolImages.map(({ names }) => names[0]!).join(", "),
    },
  );
}

function toolsOf({ tools }: ToolImage): string {
  const named = tools.filter((tool) => tool !== "sh" && tool !== "bash");
  return named.length === 0 ? "" : ` and its ${named.join(", ")}`;
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  } catch {
    return "Linux";
  }
}
