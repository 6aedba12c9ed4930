import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract } from "tar-stream";
import { failure, isFairwayError } from "../../../model/errors.ts";
import type { Descriptor, Repository } from "../../../oci/oci.ts";
import { revealingFile } from "./files.ts";
import { createSearch } from "./search.ts";
import type { StreamSearch } from "./search.ts";
import { nameOfNeedle } from "./secrets.ts";
import type { SecretNeedle } from "./secrets.ts";
import type { Violation } from "./violation.ts";

const keptBytes = 1 << 16;

/** Reads a whole layer: known secret values in names and contents, and files that are secrets by what they are. */
export async function searchLayer(
  repository: Repository,
  layer: Descriptor,
  needles: readonly SecretNeedle[],
): Promise<readonly Violation[]> {
  const newSearch = createSearch(needles);
  const place = `layer ${layer.digest.slice(0, "sha256:".length + 12)}`;
  const found: Violation[] = [];
  const archive = extract();
  const decoder = decoderOf(layer);
  const source = Readable.from(repository.getBlob(layer.digest), { objectMode: false });
  const reading = decoder === null ? pipeline(source, archive) : pipeline(source, decoder, archive);
  const searching = (async () => {
    for await (const entry of archive) {
      const { name, linkname } = entry.header;
      const search = newSearch();
      search.write(Buffer.from(`${name}\n${linkname}`));
      // A name that holds a secret must not be printed.
      const file = search.found.size > 0 ? "the name of a file" : `/${name.replace(/^[./]+(?=\w)/, "")}`;
      const start = await readThrough(entry as AsyncIterable<Buffer>, search);
      found.push(...violationsOf(`${place}, ${file}`, name, start, search));
    }
  })();
  await Promise.all([reading, searching]).catch((error: unknown) => {
    throw isFairwayError(error) ? error : damaged(repository, layer, error);
  });
  return found;
}

/** Answers the first bytes, for what a file is by its content. */
async function readThrough(
  content: AsyncIterable<Buffer>,
  search: StreamSearch<SecretNeedle>,
): Promise<Buffer> {
  let start = Buffer.alloc(0);
  let first = true;
  for await (const chunk of content) {
    // What the name ends with and the content begins with is no value.
    if (first) search.write(Buffer.from("\n"));
    first = false;
    search.write(chunk);
    if (start.length < keptBytes) start = Buffer.concat([start, chunk.subarray(0, keptBytes - start.length)]);
  }
  return start;
}

function violationsOf(
  where: string,
  name: string,
  start: Buffer,
  { found }: StreamSearch<SecretNeedle>,
): Violation[] {
  if (found.size > 0)
    return [...new Set([...found].map(nameOfNeedle))].map((what) => ({
      what: `holds ${what}`,
      where,
      fix: keepOut,
    }));
  const what = revealingFile(name, start);
  return what === undefined ? [] : [{ what, where, fix: keepOut }];
}

const keepOut =
  "keep it out of the context with .dockerignore, and give it to the one RUN that needs it with --mount=type=secret; " +
  "a later RUN rm does not take it out of the layer. Renew the secret if the image was pushed";

function decoderOf({ mediaType, digest }: Descriptor) {
  if (/[+.]gzip$/.test(mediaType)) return createGunzip();
  if (mediaType.endsWith("+zstd")) return createZstdDecompress();
  if (mediaType.endsWith(".tar")) return null;
  throw failure(`the layer ${digest} is of the type ${mediaType}, which cannot be searched`, {
    code: "IMAGE_LAYER",
    remedy: "build the image with gzip or zstd layers",
  });
}

function damaged(repository: Repository, layer: Descriptor, cause: unknown): Error {
  return failure(
    `the layer ${layer.digest} of ${repository.name} cannot be read: ${(cause as Error).message}`,
    {
      code: "IMAGE_LAYER",
      place: repository.name,
      remedy: "build and push the image again",
      cause,
    },
  );
}
