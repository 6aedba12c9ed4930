import { bareContainer, type ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import { selected } from "../files/folders.ts";
import { absolute } from "../files/paths.ts";
import type { Tree } from "../files/tree.ts";
import { fromImage } from "../images/from.ts";
import { emptyTree } from "../files/tree.ts";
import type { Session } from "../session.ts";
import type { Folder } from "../states.ts";
import { refusal } from "../validation.ts";
import type { Value } from "../values.ts";
import { dockerignored } from "./dockerignore.ts";
import { faultsOf } from "./check.ts";
import { isInvalid, refused, unsupported, type Fault } from "./faults.ts";
import { follow, onbuildOf } from "./instructions.ts";
import { parseDockerfile, type Instruction } from "./parse.ts";
import { missingSource } from "./sources.ts";
import { findStage, neededStages, sourcesOf, stagesOf, type Stage, type Stages } from "./stages.ts";
import type { BuildContext, Progress } from "./step.ts";
import { expandWord, splitOnce, type Lookup } from "./words.ts";

export interface DockerBuildOptions {
  readonly dockerfile: string;
  readonly platform?: string | null;
  readonly buildArgs: readonly { readonly name: string; readonly value: string }[];
  readonly target: string;
}

/** Builds the target stage of a Dockerfile, and the stages that it needs, side by side where they are independent. */
export async function dockerBuild(
  session: Session,
  context: Folder,
  options: DockerBuildOptions,
  secrets: readonly Value<"Secret">[],
): Promise<ContainerState> {
  if (options.platform != null && options.platform !== session.platform) {
    throw new EngineError(refusal(`Directory.dockerBuild(platform: "${options.platform}")`));
  }
  const build = await Build.open(session, context, options, secrets);
  return (await build.target(options.target)).container;
}

/** One build: what its stages share. */
class Build implements BuildContext {
  readonly session: Session;
  /** How errors call the Dockerfile. */
  readonly file: string;
  readonly escape: string;
  /** The context, without what .dockerignore names. */
  readonly context: Tree;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly secrets: readonly Value<"Secret">[];
  readonly #stages: Stages;
  readonly #built = new Map<number, Promise<Progress>>();
  readonly #images = new Map<string, Promise<ContainerState>>();

  private constructor(
    session: Session,
    file: string,
    escape: string,
    context: Tree,
    stages: Stages,
    buildArgs: ReadonlyMap<string, string>,
    secrets: readonly Value<"Secret">[],
  ) {
    this.session = session;
    this.file = file;
    this.escape = escape;
    this.context = context;
    this.#stages = stages;
    this.buildArgs = buildArgs;
    this.secrets = secrets;
  }

  static async open(
    session: Session,
    folder: Folder,
    options: DockerBuildOptions,
    secrets: readonly Value<"Secret">[],
  ): Promise<Build> {
    const view = await session.files.view(folder.contents);
    const at = absolute(options.dockerfile.replace(/^\/+/, ""), folder.path);
    if ((await view.stat(at))?.type !== "file") {
      throw new EngineError(
        `failed to read Dockerfile ${JSON.stringify(options.dockerfile)}: open /${options.dockerfile}: no such file or directory`,
      );
    }
    const file = parseDockerfile((await view.read(at)).toString(), options.dockerfile);
    const exclude = await dockerignored(view, folder.path, at);
    const context = await selected(session.files, folder, { exclude });
    const buildArgs = new Map(options.buildArgs.map(({ name, value }) => [name, value]));
    return new Build(
      session,
      options.dockerfile,
      file.escape,
      context,
      stagesOf(options.dockerfile, file),
      buildArgs,
      secrets,
    );
  }

  target(name: string): Promise<Progress> {
    const { stages } = this.#stages;
    const stage = name === "" ? stages.at(-1) : findStage(stages, name);
    if (stage === undefined)
      throw new EngineError(`${this.file}: target stage ${JSON.stringify(name)} could not be found`);
    this.#refuseFaults(stage);
    return this.#stage(stage);
  }

  /** All that cannot be followed, before anything runs; what no engine knows counts in every stage, as there. */
  #refuseFaults(target: Stage): void {
    const { stages } = this.#stages;
    const needed = neededStages(stages, target, (stage) => this.#reference(stage));
    const known = (text: string) =>
      text.includes("$") ? undefined : expandWord(text, () => undefined, this.escape);
    const faults = stages.flatMap((stage) => {
      const found = [
        ...faultsOf(stage.from, known, this.escape),
        ...this.#platformFaults(stage),
        ...stage.instructions.flatMap((instruction) => faultsOf(instruction, known, this.escape)),
      ];
      return needed.has(stage) ? found : found.filter(isInvalid);
    });
    if (faults.length > 0) throw refused(this.file, faults);
  }

  #platformFaults({ from: { flags, place } }: Stage): readonly Fault[] {
    return flags
      .filter(({ name }) => name === "platform")
      .filter(({ value }) => expandWord(value, this.globals, this.escape) !== this.session.platform)
      .map(({ value }) => ({ place, ...unsupported(`FROM --platform=${value}`) }));
  }

  /** What the stage is built on: an earlier one, or an image. */
  #reference({ from: { text } }: Stage): string {
    return expandWord(text.split(/\s+/)[0] ?? "", this.globals, this.escape);
  }

  /** The container that `--from=name` means for an instruction of this stage: an earlier stage, or an image. */
  async source(name: string, stage: Stage, by: Instruction): Promise<ContainerState> {
    const { stages } = this.#stages;
    const earlier = findStage(stages, name, stage.index);
    if (earlier !== undefined) return (await this.#stage(earlier)).container;
    return this.#image(name).catch((error: unknown) => {
      throw missingSource(error, name, by, stages.slice(0, stage.index));
    });
  }

  /** Variables for FROM, and the defaults that an ARG of a stage takes over. */
  get globals(): Lookup {
    const known = new Map<string, string>(predefined(this.session.platform));
    for (const { text } of this.#stages.preamble) {
      const [name, value] = splitOnce(text);
      const given = this.buildArgs.get(name);
      if (given !== undefined) known.set(name, given);
      else if (value !== undefined)
        known.set(
          name,
          expandWord(value, (other) => known.get(other), this.escape),
        );
    }
    return (name) => known.get(name);
  }

  #stage(stage: Stage): Promise<Progress> {
    const known = this.#built.get(stage.index);
    if (known !== undefined) return known;
    const building = this.#build(stage);
    this.#built.set(stage.index, building);
    return building;
  }

  async #build(stage: Stage): Promise<Progress> {
    const before = sourcesOf(stage).map((name) => this.source(name, stage, stage.from));
    for (const source of before) source.catch(() => undefined);
    let progress = await this.#base(stage);
    const left = onbuildOf(progress.container, stage.from.place);
    progress = { ...progress, container: { ...progress.container, onbuild: [] } };
    for (const instruction of [...left, ...stage.instructions])
      progress = await follow(this, stage, progress, instruction);
    return progress;
  }

  async #base(stage: Stage): Promise<Progress> {
    const { text, place } = stage.from;
    const reference = this.#reference(stage);
    if (reference === "") throw new EngineError(`${place}: FROM names no image: ${text}`);
    const earlier = findStage(this.#stages.stages, reference, stage.index);
    const container =
      earlier === undefined
        ? await this.#image(reference).catch((error: unknown) => {
            throw missingSource(error, reference, stage.from, []);
          })
        : (await this.#stage(earlier)).container;
    return { container, environment: new Set(), hasCommand: false };
  }

  #image(reference: string): Promise<ContainerState> {
    const bare = bareContainer(this.session.platform);
    if (reference === "scratch") return Promise.resolve({ ...bare, rootfs: emptyTree });
    const known = this.#images.get(reference) ?? fromImage(this.session, bare, reference);
    this.#images.set(reference, known);
    return known;
  }
}

function predefined(platform: string): readonly (readonly [string, string])[] {
  const [os = "", architecture = ""] = platform.split("/");
  return ["TARGET", "BUILD"].flatMap((kind) => [
    [`${kind}PLATFORM`, platform] as const,
    [`${kind}OS`, os] as const,
    [`${kind}ARCH`, architecture] as const,
    [`${kind}VARIANT`, ""] as const,
  ]);
}
