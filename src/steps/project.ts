import type { Client, Container, Directory } from "@dagger.io/dagger";
import type { Config } from "../config/config.ts";
import type { Progress } from "../model/progress.ts";
import { withBrowser } from "./browser/browser.ts";
import { gitStep } from "./source/git-step.ts";
import { ignoredInGit } from "./source/ignored-in-git.ts";
import { sourceForSteps } from "./source/source.ts";
import { stopwatch } from "./stopwatch.ts";
import { type ToolImages, toolImages } from "./tool-images.ts";
import {
  detectToolchain,
  filesThatTell,
  install,
  packageManager,
  type PackageManager,
  type Toolchain,
  withPackageManager,
} from "./toolchains/toolchains.ts";

/** Files as they can be asked for of a directory of an engine, or of this machine. */
export interface RepositoryFiles {
  exists(path: string): Promise<boolean>;
  glob(pattern: string): Promise<string[]>;
  file(path: string): { contents(): Promise<string> };
}

/** A repository that steps can be run on. All steps of a call share one, and with it one install. */
export interface Project {
  readonly client: Client;
  readonly config: Config;
  /** The source without .git. */
  readonly source: Directory;
  readonly toolchain: Toolchain;
  readonly manager: PackageManager;
  readonly images: ToolImages;
  /** A container with the dependencies and the source, in /workspace. Installed once, when first asked for. */
  installed(progress: Progress): Promise<Container>;
  /**
   * The same with a browser, of an install of its own: images and what they download differ.
   * @throws FairwayError BROWSER_MISSING (exit 1)
   */
  installedWithBrowser(progress: Progress): Promise<Container>;
  /** Files that are committed although a .gitignore names them; null where git cannot tell. */
  ignoredInGit(): Promise<readonly string[] | null>;
}

/** @throws FairwayError (exit 2) when the repository's toolchain is not supported. */
export async function openProject(client: Client, source: Directory, config: Config): Promise<Project> {
  const toolchain = await toolchainOf(source);
  const manager = packageManager(toolchain);
  const images = toolImages(config.toolImages);
  const clean = sourceForSteps(source, toolchain.manager === "cargo" ? ["target"] : []);
  const installedOn = (base: Container, progress: Progress, beside = "") =>
    progress.task(`install with ${toolchain.manager}${beside}`, async (task) => {
      const watch = stopwatch();
      const container = await install(client, clean, base, toolchain);
      await watch.passed(container, task);
      return container;
    });
  const image = images[manager.image];
  let installed: Promise<Container> | undefined;
  let browsing: Promise<Container> | undefined;
  let ignored: ReturnType<Project["ignoredInGit"]> | undefined;
  return {
    client,
    config,
    source: clean,
    toolchain,
    manager,
    images,
    installed: (progress) =>
      (installed ??= installedOn(withPackageManager(client, image, manager), progress)),
    ignoredInGit: () => (ignored ??= ignoredInGit(gitStep(client, source, images.git))),
    installedWithBrowser: (progress) =>
      (browsing ??= (async () => {
        const own = images.browser ?? image;
        const { container, about } = await withBrowser(withPackageManager(client, own, manager), own);
        progress.note(`the browser: ${about}`);
        return installedOn(container, progress, ", beside a browser");
      })()),
  };
}

async function toolchainOf(source: Directory): Promise<Toolchain> {
  const names = await source.entries();
  const there = filesThatTell.filter((name) => names.includes(name));
  const texts = await Promise.all(
    there.map(async (name) => [name, await source.file(name).contents()] as const),
  );
  return detectToolchain({ names, texts: Object.fromEntries(texts) });
}
