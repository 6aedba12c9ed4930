import { held } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Plan } from "../model/plan.ts";
import type { TaskProgress } from "../model/progress.ts";
import type { Registry } from "../model/registry.ts";
import {
  buildFailure,
  buildImage,
  contentTag,
  foreseen,
  foreseenPolicy,
  imagePolicy,
  isTagged,
  publishedBefore,
  publishImage,
  tagImage,
  type ImageBuild,
  type LayerFindings,
  type PublishedImage,
} from "../steps/images/images.ts";
import { committedContent, ofOtherContent, type CommittedContent } from "./built-from.ts";
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

/**
 * Builds the image of every service, all at once, and publishes each by digest; no name that people read moves. What it was
 * built from is written down beside it: a plan that is applied later is held to that.
 */
export async function publishedImages(
  delivery: Delivery,
  environment: string | null,
): Promise<PublishedImages> {
  const [config, registry, secrets, committed] = await Promise.all([
    delivery.config(),
    delivery.registry(environment),
    delivery.knownSecrets(),
    committedContent(delivery),
  ]);
  const searched: LayerFindings = new Map();
  const published = await delivery.progress.task("images", (images) =>
    Promise.all(
      Object.keys(config.services).map((service) =>
        images.task(`image ${service}`, (task) =>
          publishedImage(delivery, service, { registry, secrets, searched, committed, task }),
        ),
      ),
    ),
  );
  return { images: published.map(({ image }) => image), evidence: published.map(({ evidence }) => evidence) };
}

/**
 * The very images that people read and signed, from the registry that they were published to. A build of today could be
 * another image, however little differs. What is checked out is the plan's commit: each was built from that, and from
 * nothing else, or is refused.
 * @throws FairwayError PLAN_STALE (exit 3), and what the registry answers for an image that is gone
 */
export async function imagesOfPlan(delivery: Delivery, plan: Plan): Promise<PublishedImages> {
  const { environment, release } = plan;
  const [config, registry, secrets, committed] = await Promise.all([
    delivery.config(),
    delivery.registry(environment),
    delivery.knownSecrets(),
    committedContent(delivery),
  ]);
  const searched: LayerFindings = new Map();
  return delivery.progress.task("images of the plan", async () => {
    const images: PublishedImage[] = [];
    const evidence: Evidence[] = [];
    for (const [service, { dockerfile: path }] of Object.entries(config.services)) {
      const reference = release.services.find(({ name }) => name === service)?.image ?? "nothing";
      if (!reference.startsWith(`${registry.repository(service)}@`)) {
        throw held(
          `the plan's image of ${service} is not where this pipeline publishes it: ${reference}. Nothing was changed.`,
          { code: "PLAN_STALE", place: "--plan", remedy: "Make the plan again, and have that approved." },
        );
      }
      const { build } = await buildOf(delivery, service);
      if (!(await isTagged(registry, reference, contentTag(build, reference, committed.get(service))))) {
        throw ofOtherContent(service, reference, plan, delivery.command);
      }
      const image = await publishedBefore(service, reference, registry);
      images.push(image);
      evidence.push(await policyEvidence(delivery, image, path, { registry, secrets, searched }));
    }
    return { images, evidence };
  });
}

interface Searching {
  readonly registry: Registry;
  /** Values that must not be in an image, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly searched: LayerFindings;
}

interface ImageContext extends Searching {
  readonly committed: CommittedContent;
  readonly task: TaskProgress;
}

async function buildOf(
  delivery: Delivery,
  service: string,
): Promise<{ readonly build: ImageBuild; readonly path: string }> {
  const settings = (await delivery.config()).services[service];
  if (settings === undefined) throw new Error(`there is no service ${service}`);
  const { source } = await delivery.project();
  const { dockerfile, context } = settings;
  return { build: await buildImage(source, { service, dockerfile, context }), path: dockerfile };
}

async function publishedImage(
  delivery: Delivery,
  service: string,
  { task, committed, ...searching }: ImageContext,
): Promise<{ image: PublishedImage; evidence: Evidence }> {
  const { build, path } = await buildOf(delivery, service);
  const { registry } = searching;
  const repeat = `${delivery.command} images`;
  const image = await publishImage(delivery.dag, build, registry).catch((error: unknown) => {
    throw buildFailure(error, build, { path, repeat }) ?? error;
  });
  await tagImage(registry, image.reference, contentTag(build, image.reference, committed.get(service)));
  task.outcome("done", image.reference);
  return { image, evidence: await policyEvidence(delivery, image, path, searching) };
}

async function policyEvidence(
  delivery: Delivery,
  { service, reference }: PublishedImage,
  path: string,
  searching: Searching,
): Promise<Evidence> {
  const { source } = await delivery.project();
  const dockerfile = { path, text: await source.file(path).contents() };
  return imagePolicy({ service, reference, dockerfile, repeat: `${delivery.command} images`, ...searching });
}
