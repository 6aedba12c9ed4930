import type { LayerStore } from "../../host/layers/layers.ts";
import type { Sandbox } from "../../host/sandbox/sandbox.ts";
import type { ExecOptions } from "../container/exec-request.ts";
import type { ContainerState } from "../container/state.ts";
import type { FormOptions } from "../images/form.ts";
import type { PublishOptions } from "../images/publish.ts";
import type { Services } from "../services/services.ts";
import type { Session } from "../session.ts";
import type { ChangesetState, FileState, Folder } from "../states.ts";

export { sandboxExecutor } from "./sandbox.ts";

/** The seam of the engine: by what programs are run, and where images, services and exported files come from and go. */
export interface Executor {
  /** Where layers are, and programs run; undefined where every filesystem is a tree in memory and no program is run. */
  readonly disk: Disk | undefined;
  /** True where a path of an image that nobody gave is taken to be there. */
  readonly assumesFiles?: boolean;
  /** Begins a session's work. */
  open(session: Session): Execution;
}

export interface Disk {
  readonly store: LayerStore;
  readonly sandbox: Sandbox;
}

/** The work of one session. */
export interface Execution {
  readonly services: SessionServices;
  /** Told of the step that the value needs which is being made, also where another value has had it run. */
  asked?(key: string): void;
  /** Runs a step, or finds what it left the last time. Throws StepError where it ends as its caller does not expect. */
  run(step: ExecStep): Promise<Ran>;
  /** The container on the image of this reference. `fresh` has no configuration yet. */
  image(fresh: ContainerState, address: string): Promise<ContainerState>;
  /** Answers `ADDRESS@sha256:...`. */
  publish(state: ContainerState, options: PublishOptions): Promise<string>;
  /** An image as a tar, and the container on one; `fresh` has no configuration yet. */
  imageArchive(
    state: ContainerState,
    variants: readonly ContainerState[],
    options: FormOptions,
  ): Promise<FileState>;
  importImage(fresh: ContainerState, archive: FileState, tag: string): Promise<ContainerState>;
  /** These answer the absolute path. */
  exportImage(state: ContainerState, options: ImageExport): Promise<string>;
  exportFolder(folder: Folder, path: string, wipe: boolean): Promise<string>;
  exportFile(file: FileState, path: string, allowParentDirPath: boolean): Promise<string>;
  exportChanges(changeset: ChangesetState, path: string): Promise<string>;
}

export type SessionServices = Pick<Services, "hold" | "holdFor" | "start" | "stop" | "running" | "stopAll">;

export interface ImageExport extends FormOptions {
  readonly path: string;
  /** Containers of other platforms, for an image of several. */
  readonly variants: readonly ContainerState[];
}

/** A program that is to be run. Equal keys see the same and leave the same. */
export interface ExecStep {
  readonly id: string;
  readonly key: string;
  readonly state: ContainerState;
  readonly command: readonly string[];
  readonly options: ExecOptions;
  /** Says that it has begun. */
  readonly tell: () => void;
}

export interface Ran {
  readonly after: ContainerState;
  readonly outcome: "done" | "cached";
}
