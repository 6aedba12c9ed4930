import type { ContainerState } from "../container/state.ts";
import type { Session } from "../session.ts";
import type { Folder } from "../states.ts";
import type { Value } from "../values.ts";
export function dockerBuild(
  _session: Session,
  _folder: Folder,
  _options: never,
  _secrets: readonly Value<"Secret">[],
): Promise<ContainerState> {
  throw new Error("todo");
}
