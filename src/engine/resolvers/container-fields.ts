import { expand } from "../container/expand.ts";
import type { ContainerState } from "../container/state.ts";
import { absolute } from "../files/paths.ts";
import type { Session } from "../session.ts";
import type { Value } from "../values.ts";
import { derived, type Given, type Resolver } from "./resolver.ts";

type Change = (
  state: ContainerState,
  given: Given,
  session: Session,
) => ContainerState | Promise<ContainerState>;

/** A field that answers the container with a change made to its state. */
export function changes(operation: string, change: Change): Resolver<"Container"> {
  return (self, given, session) =>
    derived(
      session,
      self,
      "Container",
      operation,
      given,
      (state) => change(state, given, session),
      inputsOf(session, given),
    );
}

/** The values that the arguments name by their ids. */
function inputsOf(session: Session, given: Given): Value[] {
  const ids = ["source", "directory", "secret", "cache", "service"].flatMap((name) =>
    typeof given[name] === "string" ? [given[name]] : [],
  );
  return [...ids, ...((given.sources as string[] | undefined) ?? [])].map((id) => session.values.find(id));
}

/** A field that is read from the state. */
export function reads(
  read: (state: ContainerState, given: Given, session: Session) => unknown,
): Resolver<"Container"> {
  return async (self, given, session) => read(await self.state(), given, session);
}

/** A path argument as an absolute one; a slash at its end stays, it means a folder. */
export function pathOf(state: ContainerState, given: Given, name = "path"): string {
  const text = String(given[name]);
  const path = given.expand === true ? expand(state, text) : text;
  return absolute(path, state.workdir || "/") + (path.endsWith("/") && path !== "/" ? "/" : "");
}
