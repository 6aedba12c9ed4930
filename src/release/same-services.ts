import { canonicalJson, type Json } from "../model/canonical-json.ts";
import type { Release } from "../model/plan.ts";

/** Whether two releases run the same images with the same settings, whatever their commits are called. */
export function sameServices(a: Release, b: Release): boolean {
  return canonicalJson(a.services as unknown as Json) === canonicalJson(b.services as unknown as Json);
}
