import type { Evidence } from "../model/evidence.ts";
import type { TaskProgress } from "../model/progress.ts";
import type { Registry } from "../model/registry.ts";
import {
  buildFailure,
  buildImage,
  foreseen,
  foreseenPolicy,
  imagePolicy,
  publishImage,
  type LayerFindings,
  type PublishedImage,
} from "../steps/images/images.ts";
import type { Delivery } from "./delivery.ts";

export interface PublishedImages {
  readonly images: readonly PublishedImage[];
  /** One for each image: what its policy says. */
  readonly evidence: readonly Evidence[];
}

/** What the images are certain to be refused for, by their Dockerfiles alone: told before anything is built. */
export async function foreseenEvidence(delivery: Delivery): Promise<readonly Evidence[]> {
  const [{ services }, { source }] = await Promise.all([delivery.config(), delivery.project()]);
  const evidence = await Promise.all(
    Object.entries(services).map(async ([service, { dockerfile: path }]) => {
      // What builds it says what is missing.
      if (!(await source.exists(path))) return null;
      const found = foreseen({ path, text: await source.file(path).contents() });
      for (const { where, what } of found.unlessBase)
        delivery.progress.note(`${where}: ${what}; the image is refused unless its base brings it`);
      return foreseenPolicy(service, found, `${delivery.command} images`);
    }),
  );
  return evidence.filter((entry) => entry !== null);
}

/** Builds the image of every service, all at once, and publishes each by digest; no name that people read moves. */
export async function publishedImages(delivery: Delivery): Promise<PublishedImages> {
  const [config, registry, secrets] = await Promise.all([
    delivery.config(),
    delivery.registry(),
    delivery.knownSecrets(),
  ]);
  const searched: LayerFindings = new Map();
  const published = await delivery.progress.task("images", (images) =>
    Promise.all(
      Object.keys(config.services).map((service) =>
        images.task(`image ${service}`, (task) =>
          publishedImage(delivery, service, { registry, secrets, searched, task }),
        ),
      ),
    ),
  );
  return { images: published.map(({ image }) => image), evidence: published.map(({ evidence }) => evidence) };
}

interface ImageContext {
  readonly registry: Registry;
  /** Values that must not be in an image, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly searched: LayerFindings;
  readonly task: TaskProgress;
}

async function publishedImage(
  delivery: Delivery,
  service: string,
  { registry, secrets, searched, task }: ImageContext,
): Promise<{ image: PublishedImage; evidence: Evidence }> {
  const settings = (await delivery.config()).services[service];
  if (settings === undefined) throw new Error(`there is no service ${service}`);
  const { source } = await delivery.project();
  const path = settings.dockerfile;
  const build = await buildImage(source, { service, dockerfile: path, context: settings.context });
  const repeat = `${delivery.command} images`;
  const image = await publishImage(delivery.dag, build, registry).catch((error: unknown) => {
    throw buildFailure(error, build, { path, repeat }) ?? error;
  });
  task.outcome("done", image.reference);
  const evidence = await imagePolicy({
    service,
    reference: image.reference,
    registry,
    dockerfile: { path, text: await source.file(path).contents() },
    secrets,
    repeat,
    searched,
  });
  return { image, evidence };
}
