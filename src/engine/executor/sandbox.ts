import { exportChanges } from "../changeset/export.ts";
import { SandboxSteps } from "../container/sandbox-steps.ts";
import { exportFile, exportFolder } from "../files/export.ts";
import { archiveFile, exportArchive } from "../images/archive.ts";
import { hostImage, type ImageSource } from "../images/from.ts";
import { importArchive } from "../images/import.ts";
import { pushed } from "../images/publish.ts";
import { Services } from "../services/services.ts";
import type { Disk, Executor } from "./executor.ts";

export interface SandboxExecutorOptions {
  /** @default "auto" */
  readonly images?: ImageSource;
}

/**
 * Runs steps as processes of this host, each in a filesystem of its own: that of their image where it is pulled, else
 * this host's userland.
 */
export function sandboxExecutor(disk: Disk, { images = "auto" }: SandboxExecutorOptions = {}): Executor {
  return {
    disk,
    open: (session) => {
      const steps = new SandboxSteps(session);
      return {
        services: new Services(session),
        run: (step) => steps.run(step),
        image: (fresh, address) => hostImage(session, fresh, address, images),
        publish: (state, options) => pushed(session, state, options),
        imageArchive: (state, variants, options) => archiveFile(session, state, variants, options),
        importImage: (fresh, archive, tag) => importArchive(session, fresh, archive, tag),
        exportImage: (state, options) => exportArchive(session, state, options),
        exportFolder: (folder, path, wipe) => exportFolder(session, folder, path, wipe),
        exportFile: (file, path, allowParent) => exportFile(session, file, path, allowParent),
        exportChanges: (changeset, path) => exportChanges(session, changeset, path),
      };
    },
  };
}
