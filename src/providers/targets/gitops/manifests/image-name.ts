/** `host:port/repository:tag@sha256:...` in its parts; what stands not there is null. */
export interface ImageName {
  readonly name: string;
  readonly tag: string | null;
  /** `sha256:<64 hex>` */
  readonly digest: string | null;
}

export function parseImage(image: string): ImageName {
  const [named = "", digest = null] = image.split("@");
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  return colon === -1
    ? { name: named, tag: null, digest }
    : { name: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

/** A digest says it all: a tag beside it is decoration, and two writings of one image must not look like two. */
export function formatImage({ name, tag, digest }: ImageName): string | null {
  if (name === "") return null;
  if (digest !== null && digest !== "") return `${name}@${digest}`;
  return tag === null || tag === "" ? name : `${name}:${tag}`;
}
