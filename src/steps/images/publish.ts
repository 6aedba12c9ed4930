import { posix } from "node:path";
import type { Client, Container, Directory } from "@dagger.io/dagger";
import { hashOf } from "../../model/canonical-json.ts";
import { failure } from "../../model/errors.ts";
import type { Registry } from "../../model/registry.ts";
import { isLoopbackRegistry, parseReference, readImage, repositoryName, standInBase } from "../../oci/oci.ts";
import { repositoryIn } from "./repository-in.ts";

/** What a service's image is built from. Paths are relative to the repository. */
export interface ImageSource {
  readonly service: string;
  readonly dockerfile: string;
  /** The directory that COPY reads from: `.` */
  readonly context: string;
}

export interface ImageBuild {
  readonly service: string;
  readonly container: Container;
  /** What the engine calls the Dockerfile: its path in the context. */
  readonly dockerfile: string;
  /** Hash of the files that it is built from, 64 hex digits. */
  readonly content: string;
  /** Names what the image is built from, so it is only ever given to that. No tag that people read. */
  readonly tag: string;
}

export interface PublishedImage {
  readonly service: string;
  /** `host:port/repository@sha256:<64 hex>` */
  readonly reference: string;
  /** The base that this machine's userland stood in for, or null for an image with a real one. */
  readonly standIn: string | null;
}

/**
 * The image of a service, to be built when somebody asks for it. Nothing of the commit is written into it (its tags
 * tell the commit), so a commit that changes nothing of a service gives the digest that is live already.
 */
export async function buildImage(source: Directory, image: ImageSource): Promise<ImageBuild> {
  const { context, dockerfile } = await contextOf(source, image);
  const content = hashOf([await context.digest(), dockerfile]).slice("sha256:".length);
  return {
    service: image.service,
    container: context.dockerBuild({ dockerfile }),
    dockerfile,
    content,
    tag: `build-${content.slice(0, 12)}`,
  };
}

/** Pushes an image, which moves no name that people read, and answers its digest. */
export async function publishImage(
  client: Client,
  build: ImageBuild,
  registry: Registry,
): Promise<PublishedImage> {
  const repository = registry.repository(build.service);
  const credentials = await registry.credentials();
  const container =
    credentials === null
      ? build.container
      : build.container.withRegistryAuth(
          credentials.address,
          credentials.username,
          client.setSecret(`registry/${credentials.address}`, credentials.password),
        );
  const answer = await container.publish(`${repository}:${build.tag}`);
  const reference = byDigest(answer, repository);
  // Only this machine's own engine has stand-ins, and it pushes those to loopback only.
  const image = isLoopbackRegistry(registry.address)
    ? await readImage(await repositoryIn(registry, reference))
    : null;
  return { service: build.service, reference, standIn: image === null ? null : standInBase(image) };
}

/** An image that was published before, as the registry has it: nothing is built. */
export async function publishedBefore(
  service: string,
  reference: string,
  registry: Registry,
): Promise<PublishedImage> {
  const image = await readImage(await repositoryIn(registry, reference));
  return { service, reference, standIn: standInBase(image) };
}

/** A Dockerfile outside of the context is laid into it, under a name that no COPY asks for. */
async function contextOf(source: Directory, { service, dockerfile, context }: ImageSource) {
  const folder = posix.normalize(context).replace(/\/$/, "");
  if (!(await source.exists(dockerfile)))
    throw failure(`the Dockerfile of the service ${service} is not there: ${dockerfile}`, {
      code: "DOCKERFILE_MISSING",
      place: `fairway.yaml services.${service}.dockerfile`,
      remedy: "write the path from the root of the repository",
    });
  const directory = folder === "." ? source : source.directory(folder);
  const within = posix.relative(folder, posix.normalize(dockerfile));
  if (!within.startsWith("../")) return { context: directory, dockerfile: within };
  const name = `.fairway.${service}.Dockerfile`;
  return { context: directory.withFile(name, source.file(dockerfile)), dockerfile: name };
}

/** The engine answers `repository:tag@digest`. */
function byDigest(answer: string, repository: string): string {
  const reference = parseReference(answer);
  if (reference.digest === null || repositoryName(reference) !== repository)
    throw new Error(`the engine published ${repository} and answered ${answer}`);
  return `${repository}@${reference.digest}`;
}
