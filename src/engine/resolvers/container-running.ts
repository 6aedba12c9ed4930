import { expand } from "../container/expand.ts";
import type { ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import { bared, fromImage } from "../images/from.ts";
import { publish } from "../images/publish.ts";
import type { Session } from "../session.ts";
import { define } from "../services/define.ts";
import { refusal } from "../validation.ts";
import { changes, reads } from "./container-fields.ts";
import { derived, type Given, type Resolvers } from "./resolver.ts";

/** Images in and out, and programs. */
export const running: Resolvers<"Container"> = {
  sync: async (self, _given, session) => {
    const { rootfs, mounts } = await self.state();
    const contents = mounts.flatMap((mount) => (mount.kind === "contents" ? [mount.contents] : []));
    await Promise.all([rootfs, ...contents].map((each) => session.files.hold(each)));
    return self.id;
  },
  from: changes("from", (state, given, session) => fromImage(session, state, String(given.address))),
  imageRef: reads((state) => {
    if (state.imageRef !== null) return state.imageRef;
    throw new EngineError(
      "Image reference can only be retrieved immediately after the 'Container.From' call. Error in fetching imageRef as the container image is changed",
    );
  }),
  withExec: (self, given, session) => {
    refuseNesting(given, "Container.withExec");
    const options = { ...given, args: given.args as string[] } as never;
    return derived(session, self, "Container", "withExec", given, (state) =>
      session.steps.run(state, options),
    );
  },
  withError: changes("withError", (_state, given) => {
    throw new EngineError(String(given.err));
  }),
  stdout: reads((state) => lastExec(state).stdout),
  stderr: reads((state) => lastExec(state).stderr),
  combinedOutput: reads((state) => lastExec(state).combined),
  exitCode: reads((state) => lastExec(state).exitCode),
  asService: (self, given, session) => {
    refuseNesting(given, "Container.asService");
    return derived(session, self, "Service", "asService", given, (state) =>
      define(session, state, given as never),
    );
  },
  publish: reads(async (state, given, session) =>
    publish(session, state, { ...given, variants: await variantsOf(session, given) } as never),
  ),
  export: reads(async (state, given, session) =>
    session.execution.exportImage(state, {
      ...{ ...given, variants: await variantsOf(session, given) },
      path: given.expand === true ? expand(state, String(given.path)) : String(given.path),
    }),
  ),
  asTarball: (self, given, session) => {
    const make = async (state: ContainerState) =>
      session.execution.imageArchive(state, await variantsOf(session, given), given);
    return derived(session, self, "File", "asTarball", given, make);
  },
  import: changes("import", async (state, given, session) => {
    const archive = await session.values.load("File", String(given.source)).state();
    return session.execution.importImage(bared(state), archive, String(given.tag));
  }),
};

function variantsOf(session: Session, given: Given): Promise<readonly ContainerState[]> {
  const ids = given.platformVariants as readonly string[];
  return Promise.all(ids.map((id) => session.values.load("Container", id).state()));
}

function lastExec(state: ContainerState): NonNullable<ContainerState["lastExec"]> {
  if (state.lastExec === null) throw new EngineError("no command has been set");
  return state.lastExec;
}

function refuseNesting(given: Given, field: string): void {
  if (given.experimentalPrivilegedNesting === true)
    throw new EngineError(refusal(`${field}(experimentalPrivilegedNesting:)`));
}
