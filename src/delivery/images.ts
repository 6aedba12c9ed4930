import { failure } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import type { TaskProgress } from "../model/progress.ts";
import type { Registry } from "../model/registry.ts";
import {
  buildImage,
  imagePolicy,
  publishImage,
  type LayerFindings,
  type PublishedImage,
} from "../steps/images/images.ts";
import { lastLines, outputOf, stepFailure } from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";

export interface PublishedImages {
  readonly images: readonly PublishedImage[];
  /** One for each image: what its policy says. */
  readonly evidence: readonly Evidence[];
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
  try {
    const build = await buildImage(source, { service, dockerfile: path, context: settings.context });
    const image = await publishImage(delivery.dag, build, registry);
    task.outcome("done", image.reference);
    const evidence = await imagePolicy({
      service,
      reference: image.reference,
      registry,
      dockerfile: { path, text: await source.file(path).contents() },
      secrets,
      repeat: `${delivery.command} images`,
      searched,
    });
    return { image, evidence };
  } catch (error) {
    const failed = stepFailure(error);
    if (failed === undefined) throw error;
    throw failure(`the image of ${service} could not be built`, {
      code: "IMAGE_BUILD_FAILED",
      place: path,
      output: lastLines(outputOf(failed), 60),
      remedy: `Repeat alone:\n  ${delivery.command} images`,
      cause: error,
    });
  }
}
