/** Where a pipeline's images are pushed to and pulled from. `loopback`, `generic` and `ecr` are factories of it. */
export interface Registry {
  readonly kind: string;
  /** Host and port: `127.0.0.1:24648`, `ghcr.io`. */
  readonly address: string;
  /** Where the images of a service are, without tag: `ghcr.io/acme/shop/api`. */
  repository(service: string): string;
  /** What to log in with; null when the registry wants nothing. May ask the registry's own service. */
  credentials(): Promise<RegistryCredentials | null>;
  /** Where the user writes the credentials, for errors: `the secrets REGISTRY_USER and REGISTRY_TOKEN`. */
  readonly credentialsAt: string;
  /** What answers in its place, given where it must not be reached. @default it is asked over the network */
  readonly fetch?: RegistryFetch;
}

/** As `fetch` is: a request of the distribution API, and its answer. */
export type RegistryFetch = (url: URL, request: RequestInit) => Promise<Response>;

export interface RegistryCredentials {
  /** The registry that they are for. */
  readonly address: string;
  readonly username: string;
  readonly password: string;
}
