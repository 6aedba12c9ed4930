/** One broken rule, for people. */
export interface Violation {
  /** `runs as root` */
  readonly what: string;
  /** `apps/api/Dockerfile:31`, `image config, variable NPM_TOKEN`, `layer 3 (sha256:...), /app/.env` */
  readonly where: string;
  readonly fix: string;
}

export interface DockerfileText {
  readonly path: string;
  readonly text: string;
}
