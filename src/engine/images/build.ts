import { layerBlob, packLayer } from "../../host/layers/archive.ts";
import { standInLabel, type Blob, type ImageConfig } from "../../oci/oci.ts";
import type { ContainerState } from "../container/state.ts";
import type { Session } from "../session.ts";
import { configOf } from "./config.ts";

/** An image, ready to be sent: what stands above the stand-in, or all of it where there is none. */
export interface BuiltImage {
  readonly layers: readonly (Blob & { readonly mediaType: string })[];
  readonly config: ImageConfig;
  readonly annotations: Readonly<Record<string, string>>;
  /** The base that this machine's userland stands in for. */
  readonly standIn: string | null;
}

export async function buildImage(session: Session, state: ContainerState): Promise<BuiltImage> {
  const { standIn, stack } = await session.files.settle(state.rootfs);
  const packed = await Promise.all(stack.map((layer) => packLayer(layer)));
  const base = standIn?.reference ?? null;
  const annotations = Object.fromEntries(state.annotations.map(({ name, value }) => [name, value]));
  return {
    layers: packed.map(layerBlob),
    config: configOf(
      state,
      packed.map(({ diffId }) => diffId),
      base,
    ),
    annotations: { ...annotations, ...(base === null ? {} : { [standInLabel]: base }) },
    standIn: base,
  };
}
