import { createHash } from "node:crypto";
import type { CacheSharingMode, Container, ContainerWithExecOpts } from "@dagger.io/dagger";
import type { Project } from "../../project.ts";

const cache = "/var/cache/fairway";

/** Spelled out: the client's values cannot be imported here. */
const locked = "LOCKED" as unknown as CacheSharingMode;

interface TaskOptions extends Pick<ContainerWithExecOpts, "expect"> {
  /** Whether a task runner may take a result of an earlier run. @default true */
  readonly remembers?: boolean;
  /** False for a command of some packages alone: cargo has not seen what changed in the others. @default true */
  readonly isWhole?: boolean;
}

type TaskProject = Pick<Project, "client" | "config" | "toolchain" | "images" | "manager">;

/** A step that runs a task of the repository, with what the task's own tools remember of earlier runs. */
export function taskStep(
  { client, config, toolchain, images, manager }: TaskProject,
  container: Container,
  task: string,
  argv: readonly string[],
  { remembers = true, isWhole = true, ...options }: TaskOptions = {},
): Container {
  const volume = (kind: string) => client.cacheVolume(`fairway-${kind}-${config.name}`);
  // Task runners know their inputs, and not the Node that they run on; cargo knows its compiler.
  const ofImage = (kind: string) => volume(`${kind}-${digestOf(images[manager.image])}`);
  if (toolchain.manager === "cargo") {
    const target = `${cache}/target`;
    return container
      .withMountedCache(target, volume(`cargo-${task}`), {
        sharing: locked,
      })
      .withEnvVariable("CARGO_TARGET_DIR", target)
      .withExec(["sh", "-euc", freshly(argv, isWhole), ...argv], options);
  }
  switch (remembers ? toolchain.runner : null) {
    case "turborepo":
      return container
        .withMountedCache(`${cache}/turbo`, ofImage("turbo"))
        .withEnvVariable("TURBO_CACHE_DIR", `${cache}/turbo`)
        .withExec([...argv], options);
    case "nx":
      return container
        .withMountedCache(`${cache}/nx`, ofImage("nx"))
        .withEnvVariable("NX_CACHE_DIRECTORY", `${cache}/nx/cache`)
        .withEnvVariable("NX_WORKSPACE_DATA_DIRECTORY", `${cache}/nx/data`)
        .withExec([...argv], options);
    case null:
      return container.withExec([...argv], options);
  }
}

function digestOf(image: string): string {
  return createHash("sha256").update(image).digest("hex").slice(0, 12);
}

/**
 * Runs in the step. Cargo tells by its time whether a file is new, and files of a step have any time: those that differ
 * from the last good run of all crates become new, all others old. Until such a run ends well, what differs counts as never seen.
 */
function freshly(argv: readonly string[], isWhole: boolean): string {
  return `
# ${argv.slice(0, 2).join(" ")}
seen="$CARGO_TARGET_DIR/.fairway-sources"
now=$(mktemp)
same=$(mktemp)
find . -type f -exec sha256sum {} + | LC_ALL=C sort > "$now"
touch "$seen"
LC_ALL=C comm -12 "$seen" "$now" > "$same"
find . -type f -exec touch -c {} +
cut -c67- < "$same" | tr '\\n' '\\0' | xargs -0 -r touch -c -d 2001-01-01
cp "$same" "$seen"
"$0" "$@"
${isWhole ? 'cp "$now" "$seen"' : ""}
`;
}
