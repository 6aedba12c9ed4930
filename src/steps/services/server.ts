import type { Service } from "@dagger.io/dagger";
import type { ToolImages } from "../tool-images.ts";

/** A server that lives as long as the steps that use it. */
export interface EphemeralServer {
  readonly service: Service;
  /** Bind the service under this name. */
  readonly alias: string;
  /** For a step that has the service bound; it holds no secret, as the server ends with the step. */
  readonly url: string;
}

export interface ServerOptions {
  readonly version: string;
  readonly images: ToolImages;
  /** Tells servers apart: the same purpose is the same server, within one session. */
  readonly purpose: string;
}
