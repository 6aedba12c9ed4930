import type { Edit } from "./edit.ts";

/** The image of one service in a manifest. */
export interface ImageEntry {
  /** Null where nothing stands yet. */
  readonly image: string | null;
  /** `apps/shop/kustomization.yaml:12:5` */
  readonly place: string;
  /** @param version of the release, for where a tag has to stand too */
  edits(image: string, version: string): readonly Edit[];
}
