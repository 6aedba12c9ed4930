import type { ContainerState, Mount } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import { selected } from "../files/folders.ts";
import { absolute } from "../files/paths.ts";
import { mountOptions } from "./mount-options.ts";
import type { Heredoc } from "./parse.ts";
import { jsonWords } from "./parse.ts";
import { shellOf, type Step } from "./step.ts";

/** RUN: a step as any other, cached by what it sees. */
export async function run(step: Step): Promise<ContainerState> {
  const { instruction, container, build } = step;
  const command = commandOf(step);
  const mounts: Mount[] = [];
  let { secretEnv } = container;
  for (const flag of instruction.flags) {
    if (flag.name !== "mount") continue;
    const mounted = await mountOf(step, flag.value);
    if ("name" in mounted) secretEnv = [...secretEnv, mounted];
    else if (mounted.kind !== "none") mounts.push(mounted);
  }
  const options = {
    ...{
      args: command,
      useEntrypoint: false,
      stdin: "",
      redirectStdin: "",
      redirectStdout: "",
      redirectStderr: "",
    },
    ...{ expect: "SUCCESS" as const, expand: false, display: `${instruction.place} RUN ${instruction.text}` },
  };
  const ran = await build.session.steps.run(
    { ...container, mounts: [...container.mounts, ...mounts], secretEnv },
    options,
  );
  return { ...ran, mounts: container.mounts, secretEnv: container.secretEnv };
}

function commandOf(step: Step): readonly string[] {
  const { text, heredocs } = step.instruction;
  const [heredoc] = heredocs;
  if (heredoc === undefined) return jsonWords(text) ?? [...shellOf(step.container), text];
  const interpreter = /^#!(.*)\n/.exec(heredoc.content);
  const alone = /^<<-?["']?\w+["']?$/.test(text.trim());
  if (alone && interpreter === null) return [...shellOf(step.container), heredoc.content];
  if (alone && interpreter !== null)
    return [...(interpreter[1] ?? "").trim().split(/\s+/), "-c", heredoc.content];
  return [...shellOf(step.container), [text, ...heredocs.map(closed)].join("\n")];
}

function closed({ content, name }: Heredoc): string {
  return `${content}${name}`;
}

type SecretVariable = ContainerState["secretEnv"][number];

async function mountOf(
  step: Step,
  text: string,
): Promise<Mount | SecretVariable | { readonly kind: "none" }> {
  const { build, container, stage } = step;
  const options = mountOptions(text, (value) => step.expanded(value));
  const option = (...names: readonly string[]) =>
    names.map((name) => options.get(name)).find((value) => value !== undefined);
  const type = option("type") ?? "bind";
  const at = option("target", "dst", "destination");
  const target = at === undefined ? undefined : absolute(at, container.workdir || "/");
  const owner =
    option("uid") === undefined && option("gid") === undefined
      ? null
      : `${option("uid") ?? "0"}:${option("gid") ?? "0"}`;
  switch (type) {
    case "cache": {
      if (target === undefined) throw new EngineError("RUN --mount=type=cache needs a target");
      const sharing = (option("sharing") ?? "shared").toUpperCase() as "SHARED" | "PRIVATE" | "LOCKED";
      const volume = `dockerfile:${option("id") ?? target}${owner === null ? "" : `#${owner}`}`;
      return { kind: "cache", target, volume, sharing, source: null, owner };
    }
    case "tmpfs":
      if (target === undefined) throw new EngineError("RUN --mount=type=tmpfs needs a target");
      return { kind: "temporary", target, sizeBytes: null };
    case "secret":
      return secretMount(step, option, target, owner);
    default: {
      if (target === undefined) throw new EngineError("RUN --mount=type=bind needs a target");
      const from = option("from");
      const contents =
        from === undefined ? build.context : (await build.source(from, stage, step.instruction)).rootfs;
      const path = absolute(option("source", "src") ?? "/");
      const whole =
        contents.kind === "tree" && path === "/" ? { contents, path } : await narrowed(step, contents, path);
      return { kind: "contents", target, ...whole, readOnly: true };
    }
  }
}

async function narrowed(step: Step, contents: ContainerState["rootfs"], path: string) {
  if (contents.kind === "snapshot") return { contents, path };
  const { files } = step.build.session;
  const entry = await (await files.view(contents)).stat(path);
  if (entry?.type !== "directory") return { contents, path };
  return { contents: await selected(files, { contents, path }), path: "/" };
}

async function secretMount(
  step: Step,
  option: (...names: readonly string[]) => string | undefined,
  target: string | undefined,
  owner: string | null,
): Promise<Mount | SecretVariable | { readonly kind: "none" }> {
  const id = option("id") ?? target?.split("/").at(-1) ?? "";
  const names = await Promise.all(
    step.build.secrets.map(async (secret) => ({ secret, name: (await secret.state()).name })),
  );
  const secret = names.find(({ name }) => name === id)?.secret;
  if (secret === undefined) {
    if (option("required") !== "true") return { kind: "none" };
    throw new EngineError(`secret ${JSON.stringify(id)} is required but no secret mappings were provided`);
  }
  const variable = option("env");
  if (variable !== undefined && target === undefined) return { name: variable, secret };
  const mode = Number.parseInt(option("mode") ?? "400", 8);
  return { kind: "secret", target: target ?? `/run/secrets/${id}`, secret, owner, mode };
}
