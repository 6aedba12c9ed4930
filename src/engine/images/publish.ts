import { failure } from "../../model/errors.ts";
import {
  indexOf,
  isLoopbackRegistry,
  openRepository,
  parseReference,
  pushImage,
  type Credentials,
  type Descriptor,
  type ImageConfig,
  type Reference,
} from "../../oci/oci.ts";
import type { ContainerState } from "../container/state.ts";
import type { Session } from "../session.ts";
import { buildImage, platformsOf } from "./build.ts";
import { formOf, type FormOptions } from "./form.ts";

export interface PublishOptions extends FormOptions {
  readonly address: string;
  /** Containers of other platforms, for an image of several. */
  readonly variants: readonly ContainerState[];
}

/** Pushes the container's image; answers `ADDRESS@sha256:...`. */
export async function publish(
  session: Session,
  state: ContainerState,
  options: PublishOptions,
): Promise<string> {
  formOf(options, "Container.publish");
  return session.execution.publish(state, options);
}

/** Pushes it to the registry, as layers of the store. */
export async function pushed(
  session: Session,
  state: ContainerState,
  options: PublishOptions,
): Promise<string> {
  const reference = parseReference(options.address);
  const platforms = await platformsOf(session, state, options.variants);
  for (const { rootfs } of platforms) {
    const standIn = rootfs.kind === "snapshot" ? (rootfs.standIn?.reference ?? null) : null;
    if (standIn !== null && !isLoopbackRegistry(reference.registry)) throw refused(options.address, standIn);
  }
  const written = formOf(options, "Container.publish");
  const credentials = await credentialsFor(state, reference);
  const repository = openRepository(options.address, { credentials, signal: session.signal });
  const tag = reference.tag === null ? {} : { tag: reference.tag };
  const images = await Promise.all(platforms.map((each) => buildImage(session, each, written)));
  const [only, ...others] = images;
  if (only !== undefined && others.length === 0) {
    const { descriptor } = await pushImage(repository, { ...only, ...tag });
    return `${options.address}@${descriptor.digest}`;
  }
  const parts: { descriptor: Descriptor; config: ImageConfig }[] = [];
  for (const image of images)
    parts.push({ descriptor: (await pushImage(repository, image)).descriptor, config: image.config });
  const { digest } = await repository.putManifest(indexOf(parts, written.form), tag);
  return `${options.address}@${digest}`;
}

export async function credentialsFor(
  state: ContainerState,
  reference: Reference,
): Promise<Credentials | undefined> {
  const host = (address: string) => address.replace(/^https?:\/\//, "").split("/")[0];
  const auth = state.registryAuth.find(({ address }) => host(address) === reference.registry);
  return auth === undefined
    ? undefined
    : { username: auth.username, password: (await auth.secret.state()).plaintext };
}

function refused(address: string, base: string): Error {
  return failure(
    `the image for ${address} has no base: this machine's userland stood in for ${base}, and such an image runs nowhere else`,
    {
      code: "STAND_IN_PUBLISH",
      remedy: `build it on the real Dagger engine (--engine dagger), or on a base that was pulled: push ${base} to a registry on this machine and write FROM 127.0.0.1:<port>/<name>`,
    },
  );
}
