import { unpackLayer } from "../../host/layers/archive.ts";
import type { Layer } from "../../host/layers/layers.ts";
import { failure, isFairwayError } from "../../model/errors.ts";
import { hashOf } from "../../model/canonical-json.ts";
import {
  openRepository,
  readImage,
  standInBase,
  type Image,
  type Reference,
  type Repository,
} from "../../oci/oci.ts";
import type { ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import { withConfig } from "./config.ts";
import { credentialsFor } from "./publish.ts";

/** The container on an image of a registry of this machine; on its stand-in where the image has no base. */
export async function pulled(
  session: Session,
  fresh: ContainerState,
  reference: Reference,
  address: string,
  { whole = false } = {},
): Promise<ContainerState> {
  const repository = openRepository(address, {
    credentials: await credentialsFor(fresh, reference),
    signal: session.signal,
  });
  const image = await read(repository, reference, fresh.platform, address);
  const base = standInBase(image);
  if (whole && base !== null) throw notWhole(address, base);
  return {
    ...(await onImage(session, fresh, image, (digest) => repository.getBlob(digest))),
    imageRef: address.includes("@") ? address : `${address}@${image.digest}`,
  };
}

/** The same, where no image may be stood in for: one that has no base of its own is refused. */
export async function pulledWhole(
  session: Session,
  fresh: ContainerState,
  reference: Reference,
  address: string,
): Promise<ContainerState> {
  const state = await pulled(session, fresh, reference, address, { whole: true });
  session.events.note(`${address}: pulled; steps run in it, without this machine's programs`);
  return state;
}

/** The container on an image whose layers come from `blob`; on its stand-in where the image has no base. */
export async function onImage(
  session: Session,
  fresh: ContainerState,
  image: Image,
  blob: (digest: string) => AsyncIterable<Uint8Array>,
): Promise<ContainerState> {
  const base = standInBase(image);
  const standIn = base === null ? null : await session.standIns.of(base);
  const stack = await Promise.all(
    image.manifest.layers.map((layer, index) =>
      layerOf(session, blob, layer.digest, image.config.rootfs.diff_ids[index]),
    ),
  );
  const key = hashOf([
    "image",
    image.digest,
    standIn === null ? null : standIn.stack.map((layer) => layer.id),
  ]);
  return {
    ...withConfig(fresh, image.config.config ?? {}),
    rootfs: { kind: "snapshot", key, standIn, stack, edits: [] },
  };
}

function notWhole(address: string, base: string): Error {
  return failure(`the image ${address} has no base: a machine's userland stood in for ${base}`, {
    code: "IMAGE_STOOD_IN",
    place: address,
    remedy: "build it again with --images pull, or let this machine stand in for its base: --images auto",
  });
}

async function read(
  repository: Repository,
  reference: Reference,
  platform: string,
  address: string,
): Promise<Image> {
  const [os = "linux", architecture = ""] = platform.split("/");
  try {
    return await readImage(repository, reference.digest ?? reference.tag ?? undefined, { os, architecture });
  } catch (error) {
    if (!isFairwayError(error) || !/NOT_FOUND|MISSING/.test(error.code)) throw error;
    throw new EngineError(
      `failed to resolve image ${JSON.stringify(address)} (platform: ${JSON.stringify(platform)}): ${address}: not found`,
      { cause: error },
    );
  }
}

/** Named as the local target names it: what the one has unpacked the other need not. */
async function layerOf(
  session: Session,
  blob: (digest: string) => AsyncIterable<Uint8Array>,
  digest: string,
  diffId: string | undefined,
): Promise<Layer> {
  if (diffId === undefined) throw new EngineError("the image has more layers than its config says");
  return session.store.ensure(`image-layer:${diffId.replace("sha256:", "")}`, async (draft) => {
    await unpackLayer(blob(digest), draft, { diffId });
  });
}
