/** The ways in which a step can fail before its program runs, as the real engine names them. */
export class SandboxStartError extends Error {
  override readonly name = "SandboxStartError";
}
