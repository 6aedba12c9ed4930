import type { ContainerState } from "../container/state.ts";
import type { Session } from "../session.ts";
export function exportArchive(_session: Session, _state: ContainerState, _given: never): Promise<string> {
  throw new Error("todo");
}
