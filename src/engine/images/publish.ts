import { failure } from "../../model/errors.ts";
import {
  isLoopbackRegistry,
  openRepository,
  parseReference,
  pushImage,
  type Credentials,
  type Reference,
} from "../../oci/oci.ts";
import type { ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import { refusal } from "../validation.ts";
import { buildImage } from "./build.ts";

export interface PublishOptions {
  readonly address: string;
  readonly forcedCompression?: string | null;
  readonly mediaTypes?: string | null;
}

/** Pushes the container's image; answers `ADDRESS@sha256:...`. */
export async function publish(
  session: Session,
  state: ContainerState,
  options: PublishOptions,
): Promise<string> {
  refuseForms(options, "Container.publish");
  return session.execution.publish(state, options);
}

/** Pushes it to the registry, as layers of the store. */
export async function pushed(
  session: Session,
  state: ContainerState,
  options: PublishOptions,
): Promise<string> {
  const reference = parseReference(options.address);
  const standIn = state.rootfs.kind === "snapshot" ? (state.rootfs.standIn?.reference ?? null) : null;
  if (standIn !== null && !isLoopbackRegistry(reference.registry)) throw refused(options.address, standIn);
  const image = await buildImage(session, state);
  const credentials = await credentialsFor(state, reference);
  const repository = openRepository(options.address, { credentials, signal: session.signal });
  const { descriptor } = await pushImage(repository, {
    ...image,
    ...(reference.tag === null ? {} : { tag: reference.tag }),
  });
  return `${options.address}@${descriptor.digest}`;
}

/** What of the image forms the embedded engine does not write. */
export function refuseForms(
  options: PublishOptions | { forcedCompression?: string | null; mediaTypes?: string | null },
  field: string,
): void {
  const { forcedCompression, mediaTypes } = options;
  if (forcedCompression != null && forcedCompression !== "Gzip")
    throw new EngineError(refusal(`${field}(forcedCompression: ${forcedCompression})`));
  if (mediaTypes != null && !mediaTypes.startsWith("OCI"))
    throw new EngineError(refusal(`${field}(mediaTypes: ${mediaTypes})`));
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
