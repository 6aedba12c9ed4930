/** From a service's Dockerfile to an image in a registry, known by its digest, and what is wrong with it. */
export { buildFailure } from "./build-failure.ts";
export { buildImage, publishedBefore, publishImage } from "./publish.ts";
export type { ImageBuild, ImageSource, PublishedImage } from "./publish.ts";
export { refuseStandIn } from "./stand-in.ts";
export { imageTags, isTagged, tagImage } from "./tags.ts";
export { contentPaths, contentTag } from "./content-tag.ts";
export { foreseen } from "./policy/foreseen.ts";
export type { Foreseen } from "./policy/foreseen.ts";
export type { Violation } from "./policy/violation.ts";
export { foreseenPolicy, imagePolicy } from "./policy/policy.ts";
export type { ImagePolicyRequest, LayerFindings } from "./policy/policy.ts";
