import { layerBlob, packLayer } from "../../host/layers/archive.ts";
import { standInLabel, type PushRequest } from "../../oci/oci.ts";
import type { ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import { configOf } from "./config.ts";
import type { WrittenForm } from "./form.ts";

/** An image, ready to be sent: what stands above the stand-in, or all of it where there is none. */
export interface BuiltImage extends Omit<PushRequest, "tag" | "mountFrom"> {
  /** The base that this machine's userland stands in for. */
  readonly standIn: string | null;
}

export async function buildImage(
  session: Session,
  state: ContainerState,
  { form, compression, layerType }: WrittenForm,
): Promise<BuiltImage> {
  const { standIn, stack } = await session.files.settle(state.rootfs);
  const packed = await Promise.all(stack.map((layer) => packLayer(layer, { compression })));
  const base = standIn?.reference ?? null;
  const annotations = Object.fromEntries(state.annotations.map(({ name, value }) => [name, value]));
  return {
    form,
    layers: packed.map((layer) => ({ ...layerBlob(layer), mediaType: layerType })),
    config: configOf(
      state,
      packed.map(({ diffId }) => diffId),
      base,
    ),
    annotations: { ...annotations, ...(base === null ? {} : { [standInLabel]: base }) },
    standIn: base,
  };
}

/** The containers of an image for several platforms: those that have a filesystem, each of another platform. */
export async function platformsOf(
  session: Session,
  state: ContainerState,
  variants: readonly ContainerState[],
): Promise<readonly ContainerState[]> {
  if (variants.length === 0) return [state];
  const filled: ContainerState[] = [];
  for (const each of [state, ...variants]) {
    const { standIn, stack } = await session.files.settle(each.rootfs);
    if (standIn === null && stack.length === 0) continue;
    if (filled.some(({ platform }) => platform === each.platform))
      throw new EngineError(`duplicate platform ${JSON.stringify(each.platform)}`);
    filled.push(each);
  }
  if (filled.length === 0) throw new EngineError("no containers to export");
  return filled;
}
