import { expand } from "../container/expand.ts";
import { fromImage } from "../images/from.ts";
import { publish } from "../images/publish.ts";
import { exportArchive } from "../images/archive.ts";
import { editAt, ownerIn, placeOf } from "../container/places.ts";
import { valueOf, withoutPair, withPair, type ContainerState, type Mount } from "../container/state.ts";
import { EngineError, missingPath } from "../errors.ts";
import { putFile, putLink, putTree, remove } from "../files/edits.ts";
import { fileEntryOf, selected } from "../files/folders.ts";
import { hashOf } from "../../model/canonical-json.ts";
import { absolute, nameOf } from "../files/paths.ts";
import { change } from "../files/edits.ts";
import { exists, stat } from "../files/looks.ts";
import { fileEntry } from "../files/tree.ts";
import { define } from "../services/define.ts";
import type { Session } from "../session.ts";
import type { Folder } from "../states.ts";
import type { Value } from "../values.ts";
import { refusal } from "../validation.ts";
import { derived, plain, type Given, type Resolver, type Resolvers } from "./resolver.ts";

type Change = (
  state: ContainerState,
  given: Given,
  session: Session,
) => ContainerState | Promise<ContainerState>;

/** A field that answers the container with a change made to its state. */
function changes(operation: string, change: Change): Resolver<"Container"> {
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
function reads(
  read: (state: ContainerState, given: Given, session: Session) => unknown,
): Resolver<"Container"> {
  return async (self, given, session) => read(await self.state(), given, session);
}

function pathOf(state: ContainerState, given: Given, name = "path"): string {
  const text = String(given[name]);
  const path = given.expand === true ? expand(state, text) : text;
  return absolute(path, state.workdir || "/") + (path.endsWith("/") && path !== "/" ? "/" : "");
}

function folderAt(state: ContainerState, given: Given): Folder {
  const { contents, path } = placeOf(state, pathOf(state, given));
  return { contents, path };
}

const withMount = (state: ContainerState, mount: Mount): ContainerState => ({
  ...state,
  mounts: [...state.mounts.filter((other) => other.target !== mount.target), mount],
});

const configuration: Resolvers<"Container"> = {
  platform: reads((state) => state.platform),
  user: reads((state) => state.user),
  withUser: changes("withUser", (state, given) => ({ ...state, user: String(given.name) })),
  withoutUser: changes("withoutUser", (state) => ({ ...state, user: "" })),
  workdir: reads((state) => state.workdir),
  withWorkdir: changes("withWorkdir", (state, given) => ({ ...state, workdir: workdirOf(state, given) })),
  withoutWorkdir: changes("withoutWorkdir", (state) => ({ ...state, workdir: "" })),

  envVariable: reads((state, given) => valueOf(state.env, String(given.name)) ?? null),
  envVariables: reads((state, _given, session) =>
    state.env.map((pair) => plain(session, "EnvVariable", pair)),
  ),
  withEnvVariable: changes("withEnvVariable", (state, given) => {
    const value = given.expand === true ? expand(state, String(given.value)) : String(given.value);
    return { ...state, env: withPair(state.env, String(given.name), value) };
  }),
  withoutEnvVariable: changes("withoutEnvVariable", (state, given) => ({
    ...state,
    env: withoutPair(state.env, String(given.name)),
  })),
  withSecretVariable: changes("withSecretVariable", (state, given, session) => {
    const secret = session.values.load("Secret", String(given.secret));
    const others = state.secretEnv.filter((variable) => variable.name !== given.name);
    return { ...state, secretEnv: [...others, { name: String(given.name), secret }] };
  }),
  withoutSecretVariable: changes("withoutSecretVariable", (state, given) => ({
    ...state,
    secretEnv: state.secretEnv.filter((variable) => variable.name !== given.name),
  })),

  entrypoint: reads((state) => state.entrypoint),
  withEntrypoint: changes("withEntrypoint", (state, given) => ({
    ...state,
    entrypoint: given.args as string[],
    defaultArgs: given.keepDefaultArgs === true ? state.defaultArgs : [],
  })),
  withoutEntrypoint: changes("withoutEntrypoint", (state, given) => ({
    ...state,
    entrypoint: [],
    defaultArgs: given.keepDefaultArgs === true ? state.defaultArgs : [],
  })),
  defaultArgs: reads((state) => state.defaultArgs),
  withDefaultArgs: changes("withDefaultArgs", (state, given) => ({
    ...state,
    defaultArgs: given.args as string[],
  })),
  withoutDefaultArgs: changes("withoutDefaultArgs", (state) => ({ ...state, defaultArgs: [] })),

  label: reads((state, given) => valueOf(state.labels, String(given.name)) ?? null),
  labels: reads((state, _given, session) => state.labels.map((pair) => plain(session, "Label", pair))),
  withLabel: changes("withLabel", (state, given) => ({
    ...state,
    labels: withPair(state.labels, String(given.name), String(given.value)),
  })),
  withoutLabel: changes("withoutLabel", (state, given) => ({
    ...state,
    labels: withoutPair(state.labels, String(given.name)),
  })),
  withAnnotation: changes("withAnnotation", (state, given) => ({
    ...state,
    annotations: withPair(state.annotations, String(given.name), String(given.value)),
  })),
  withoutAnnotation: changes("withoutAnnotation", (state, given) => ({
    ...state,
    annotations: withoutPair(state.annotations, String(given.name)),
  })),

  exposedPorts: reads((state, _given, session) => state.ports.map((port) => plain(session, "Port", port))),
  withExposedPort: changes("withExposedPort", (state, given) => {
    const port = { port: Number(given.port), protocol: given.protocol as "TCP" | "UDP" };
    const more = {
      description: (given.description as string | undefined) ?? null,
      experimentalSkipHealthcheck: given.experimentalSkipHealthcheck === true,
    };
    const others = state.ports.filter(
      (other) => other.port !== port.port || other.protocol !== port.protocol,
    );
    const at = state.ports.findIndex((other) => other.port === port.port && other.protocol === port.protocol);
    return { ...state, ports: others.toSpliced(at === -1 ? others.length : at, 0, { ...port, ...more }) };
  }),
  withoutExposedPort: changes("withoutExposedPort", (state, given) => ({
    ...state,
    ports: state.ports.filter((other) => other.port !== given.port || other.protocol !== given.protocol),
  })),

  dockerHealthcheck: reads((state, _given, session) =>
    state.healthcheck === null ? null : plain(session, "HealthcheckConfig", state.healthcheck),
  ),
  withDockerHealthcheck: changes("withDockerHealthcheck", (state, given) => ({
    ...state,
    healthcheck: {
      ...{
        args: given.args as string[],
        shell: given.shell === true,
        interval: String(given.interval),
        timeout: String(given.timeout),
      },
      ...{
        startPeriod: String(given.startPeriod),
        startInterval: String(given.startInterval),
        retries: Number(given.retries),
      },
    },
  })),
  withoutDockerHealthcheck: changes("withoutDockerHealthcheck", (state) => ({ ...state, healthcheck: null })),

  withRegistryAuth: changes("withRegistryAuth", (state, given, session) => {
    const secret = session.values.load("Secret", String(given.secret));
    const auth = { address: String(given.address), username: String(given.username), secret };
    return {
      ...state,
      registryAuth: [...state.registryAuth.filter((other) => other.address !== auth.address), auth],
    };
  }),
  withoutRegistryAuth: changes("withoutRegistryAuth", (state, given) => ({
    ...state,
    registryAuth: state.registryAuth.filter((other) => other.address !== given.address),
  })),
  withServiceBinding: changes("withServiceBinding", (state, given, session) => {
    const binding = {
      alias: String(given.alias),
      service: session.values.load("Service", String(given.service)),
    };
    return {
      ...state,
      bindings: [...state.bindings.filter((other) => other.alias !== binding.alias), binding],
    };
  }),
};

function workdirOf(state: ContainerState, given: Given): string {
  const path = given.expand === true ? expand(state, String(given.path)) : String(given.path);
  return absolute(path, state.workdir || "/");
}

const filesystem: Resolvers<"Container"> = {
  rootfs: (self, given, session) =>
    derived(session, self, "Directory", "rootfs", given, (state) => ({ contents: state.rootfs, path: "/" })),
  withRootfs: changes("withRootfs", async (state, given, session) => {
    const folder = await session.values.load("Directory", String(given.directory)).state();
    const contents = folder.path === "/" ? folder.contents : await selected(session.files, folder);
    return { ...state, rootfs: contents, imageRef: null };
  }),
  directory: (self, given, session) =>
    derived(session, self, "Directory", "directory", given, async (state) => {
      const folder = folderAt(state, given);
      const entry = await (await session.files.view(folder.contents)).stat(folder.path);
      const asked = pathOf(state, given);
      if (entry === undefined) throw missingPath(asked);
      if (entry.type !== "directory") throw new EngineError(`path ${asked} is a file, not a directory`);
      return folder;
    }),
  file: (self, given, session) =>
    derived(session, self, "File", "file", given, async (state) => {
      const folder = folderAt(state, given);
      const entry = await (await session.files.view(folder.contents)).stat(folder.path);
      const asked = pathOf(state, given);
      if (entry === undefined) throw missingPath(asked);
      if (entry.type === "directory") throw new EngineError(`path ${asked} is a directory, not a file`);
      return { ...folder, name: nameOf(folder.path) };
    }),
  exists: reads(async (state, given, session) => {
    const { contents, path } = folderAt(state, given);
    return exists(await session.files.view(contents), path, given);
  }),
  stat: reads(async (state, given, session) => {
    const { contents, path } = folderAt(state, given);
    return plain(
      session,
      "Stat",
      await stat(await session.files.view(contents), path, given.doNotFollowSymlinks !== true),
    );
  }),

  withDirectory: changes("withDirectory", async (state, given, session) => {
    const source = await session.values.load("Directory", String(given.source)).state();
    const [tree, owner] = await Promise.all([
      selected(session.files, source, given),
      ownerIn(session, state, String(given.owner)),
    ]);
    const permissions = (given.permissions as number | null | undefined) ?? undefined;
    return editAt(session, state, pathOf(state, given), (path) =>
      putTree(path, tree, { owner, permissions }),
    );
  }),
  withFile: changes("withFile", async (state, given, session) =>
    withFile(session, state, given, pathOf(state, given), String(given.source)),
  ),
  withFiles: changes("withFiles", async (state, given, session) => {
    const path = pathOf(state, given).replace(/\/?$/, "/");
    let next = state;
    for (const id of given.sources as string[]) next = await withFile(session, next, given, path, id);
    return next;
  }),
  withNewFile: changes("withNewFile", async (state, given, session) => {
    if (given.path === "") throw new EngineError("failed to create new file : open /: is a directory");
    const owner = await ownerIn(session, state, String(given.owner));
    const bytes = Buffer.from(String(given.contents));
    const entry = fileEntry(bytes, Number(given.permissions) & 0o777, owner?.uid, owner?.gid);
    const at = pathOf(state, given).replace(/(.)\/$/, "$1");
    return editAt(session, state, at, (path) => putFile(path, nameOf(at), entry, entry.hash ?? ""));
  }),
  withSymlink: changes("withSymlink", (state, given, session) =>
    editAt(session, state, pathOf(state, given, "linkName"), (path) => putLink(path, String(given.target))),
  ),
  withoutDirectory: changes("withoutDirectory", (state, given, session) =>
    editAt(session, state, pathOf(state, given), remove),
  ),
  withoutFile: changes("withoutFile", (state, given, session) =>
    editAt(session, state, pathOf(state, given), remove),
  ),
  withoutFiles: changes("withoutFiles", async (state, given, session) => {
    let next = state;
    for (const path of given.paths as string[])
      next = await editAt(session, next, pathOf(state, { ...given, path }), remove);
    return next;
  }),
};

async function withFile(
  session: Session,
  state: ContainerState,
  given: Given,
  path: string,
  id: string,
): Promise<ContainerState> {
  const file = await session.values.load("File", id).state();
  const [{ entry, key }, owner] = await Promise.all([
    fileEntryOf(session.files, file),
    ownerIn(session, state, String(given.owner)),
  ]);
  const permissions = (given.permissions as number | null | undefined) ?? undefined;
  return editAt(session, state, path, (inside) =>
    putFile(inside, file.name, entry, key, { owner, permissions }),
  );
}

const mounts: Resolvers<"Container"> = {
  mounts: reads((state) => state.mounts.map((mount) => mount.target)),
  withMountedDirectory: changes("withMountedDirectory", async (state, given, session) => {
    const folder = await session.values.load("Directory", String(given.source)).state();
    const owner = await ownerIn(session, state, String(given.owner));
    const source = await mountable(session, folder, owner);
    return withMount(state, {
      kind: "contents",
      target: targetOf(state, given),
      ...source,
      readOnly: given.readOnly === true,
    });
  }),
  withMountedFile: changes("withMountedFile", async (state, given, session) => {
    const file = await session.values.load("File", String(given.source)).state();
    const owner = await ownerIn(session, state, String(given.owner));
    const { contents, path } = file;
    const owned =
      owner === undefined ? contents : await session.files.edit(contents, change(path, "owner", owner));
    return withMount(state, {
      kind: "contents",
      target: targetOf(state, given),
      contents: owned,
      path,
      readOnly: false,
    });
  }),
  withMountedCache: changes("withMountedCache", async (state, given, session) => {
    const volume = await session.values.load("CacheVolume", String(given.cache)).state();
    const source =
      given.source == null ? volume.source : session.values.load("Directory", String(given.source));
    const folder = source === undefined ? null : await source.state();
    const filled = folder === null ? null : await selected(session.files, folder);
    const owner = String(given.owner) || volume.owner || null;
    // Owner and source are part of what a volume is.
    const name =
      owner === null && filled === null
        ? volume.name
        : `${volume.name}#${hashOf([owner, filled?.key ?? null]).slice(7, 23)}`;
    const sharing = (given.sharing as "SHARED" | "PRIVATE" | "LOCKED" | null | undefined) ?? "SHARED";
    return withMount(state, {
      kind: "cache",
      target: targetOf(state, given),
      volume: name,
      sharing,
      source: filled,
      owner,
    });
  }),
  withMountedTemp: changes("withMountedTemp", (state, given) =>
    withMount(state, {
      kind: "temporary",
      target: targetOf(state, given),
      sizeBytes: (given.size as number | undefined) ?? null,
    }),
  ),
  withMountedSecret: changes("withMountedSecret", (state, given, session) => {
    const secret = session.values.load("Secret", String(given.source));
    const owner = String(given.owner) || null;
    return withMount(state, {
      kind: "secret",
      target: targetOf(state, given),
      secret,
      owner,
      mode: Number(given.mode) & 0o777,
    });
  }),
  withoutMount: changes("withoutMount", (state, given) => {
    const target = targetOf(state, given);
    return { ...state, mounts: state.mounts.filter((mount) => mount.target !== target) };
  }),
};

function targetOf(state: ContainerState, given: Given): string {
  return absolute(pathOf(state, given));
}

/** A folder as it is mounted: by its content alone where that is known, else as a part of its filesystem. */
async function mountable(
  session: Session,
  folder: Folder,
  owner: { uid: number; gid: number } | undefined,
): Promise<Folder> {
  const contents = folder.contents.kind === "tree" ? await selected(session.files, folder) : folder.contents;
  const path = folder.contents.kind === "tree" ? "/" : folder.path;
  if (owner === undefined) return { contents, path };
  return { contents: await session.files.edit(contents, change(path, "owner", owner)), path };
}

const running: Resolvers<"Container"> = {
  sync: async (self, _given, session) => {
    const { rootfs, mounts } = await self.state();
    const contents = mounts.flatMap((mount) => (mount.kind === "contents" ? [mount.contents] : []));
    await Promise.all([rootfs, ...contents].map((each) => session.files.settle(each)));
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
  publish: reads((state, given, session) => {
    if ((given.platformVariants as string[]).length > 0)
      throw new EngineError(refusal("Container.publish(platformVariants:)"));
    return publish(session, state, given as never);
  }),
  export: reads((state, given, session) => {
    if ((given.platformVariants as string[]).length > 0)
      throw new EngineError(refusal("Container.export(platformVariants:)"));
    return exportArchive(session, state, given as never);
  }),
};

function lastExec(state: ContainerState): NonNullable<ContainerState["lastExec"]> {
  if (state.lastExec === null) throw new EngineError("no command has been set");
  return state.lastExec;
}

function refuseNesting(given: Given, field: string): void {
  if (given.experimentalPrivilegedNesting === true)
    throw new EngineError(refusal(`${field}(experimentalPrivilegedNesting:)`));
}

export const container: Resolvers<"Container"> = { ...configuration, ...filesystem, ...mounts, ...running };
