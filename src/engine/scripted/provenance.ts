import { basename, relative, resolve } from "node:path";
import type { ContainerState, ExecResult, Mount } from "../container/state.ts";
import type { ExecStep } from "../executor/executor.ts";
import { scrub } from "../scrub.ts";
import type { Session } from "../session.ts";
import { currentValue, type Value } from "../values.ts";
import type { Origin, ScriptedExec, TracedMount, TracedService } from "./script.ts";

/** Finds out, from the recipes of values, what a step was made of and which steps it comes after. */
export class Provenance {
  readonly #session: Session;
  readonly #ids = new Map<string, number>();
  /** The steps that were run to make a value, in order. */
  readonly #execs = new Map<string, number[]>();
  readonly #after = new Map<number, readonly number[]>();
  readonly #results = new WeakMap<ExecResult, number>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** The value that is being made needs this step. */
  asked(key: string): void {
    const id = this.#ids.get(key) ?? this.#ids.size + 1;
    this.#ids.set(key, id);
    const value = currentValue();
    if (value === undefined) return;
    const known = this.#execs.get(value.id) ?? [];
    if (!known.includes(id)) this.#execs.set(value.id, [...known, id]);
  }

  async exec({ key, state, command, options }: ExecStep, stdin: string | null): Promise<ScriptedExec> {
    const value = currentValue();
    const id = this.#ids.get(key) ?? 0;
    const after = this.#precedents(value, state);
    this.#after.set(id, after);
    const secretVariables = await Promise.all(
      state.secretEnv.map(async ({ name, secret }) => ({ name, secret: await this.#secretName(secret) })),
    );
    return {
      ...{ id, argv: command, shownArgv: command.map((word) => this.#clean(word)) },
      place: options.display === undefined ? null : this.#clean(options.display),
      ...{ image: state.image, user: state.user, workdir: state.workdir, secretVariables },
      variables: Object.fromEntries(state.env.map(({ name, value: text }) => [name, text])),
      ...{ mounts: await this.#mounts(value, state), copies: this.#copies(value) },
      ...{ services: await this.#services(state), after, stdin },
      continues: this.#continued(value, state),
    };
  }

  /** The result, remembered as this step's: a Dockerfile's next RUN carries it. */
  resultOf(key: string, result: ExecResult): ExecResult {
    this.#results.set(result, this.#ids.get(key) ?? 0);
    return result;
  }

  /** Of the value whose field is being answered. */
  async ofCurrent(): Promise<{ readonly from: Origin; readonly after: readonly number[] }> {
    const value = currentValue();
    if (value === undefined) return { from: other("nothing"), after: [] };
    await value.state();
    return { from: this.#origin(value), after: sorted(this.#nearest(value)) };
  }

  /** A path of this machine as texts may have it: from the session's directory, never a temporary one. */
  hostPath(path: string): string {
    const { workdir } = this.#session.options;
    const inside = relative(workdir, resolve(workdir, path));
    return inside === "" ? "." : inside.startsWith("..") ? `.../${basename(path)}` : inside;
  }

  #continued(value: Value | undefined, state: ContainerState): number | null {
    const before = state.lastExec === null ? undefined : this.#results.get(state.lastExec);
    if (before !== undefined) return before;
    for (const at of chainOf(value?.recipe.inputs?.[0])) {
      const own = this.#execs.get(at.id);
      if (own !== undefined) return own.at(-1) ?? null;
    }
    return null;
  }

  #precedents(value: Value | undefined, state: ContainerState): readonly number[] {
    if (value === undefined) return [];
    const before = state.lastExec === null ? undefined : this.#results.get(state.lastExec);
    if (!isExec(value) && before !== undefined) return [before];
    return sorted(new Set((value.recipe.inputs ?? []).flatMap((input) => [...this.#nearest(input)])));
  }

  /** The steps that a value needs directly: its own, else those of what it is made from. */
  #nearest(value: Value | undefined, seen = new Set<Value>()): ReadonlySet<number> {
    const found = new Set<number>();
    const open = [value];
    for (let next = open.pop(); next !== undefined || open.length > 0; next = open.pop()) {
      if (next === undefined || seen.has(next)) continue;
      seen.add(next);
      const own = this.#execs.get(next.id);
      if (own === undefined) open.push(...(next.recipe.inputs ?? []));
      else for (const id of this.#last(own)) found.add(id);
    }
    return found;
  }

  /** Of the steps that one value needed, those that no other of them comes after. */
  #last(own: readonly number[]): readonly number[] {
    if (own.length < 2) return own;
    const before = new Set(own.flatMap((id) => this.#after.get(id) ?? []));
    return own.filter((id) => !before.has(id));
  }

  async #mounts(value: Value | undefined, state: ContainerState): Promise<readonly TracedMount[]> {
    const sources = new Map<string, Value>();
    for (const at of chainOf(value)) {
      if (!/^Container\.withMounted(Directory|File)$/.test(at.recipe.operation)) continue;
      const mounted = ((await at.state()) as ContainerState).mounts.at(-1)?.target;
      const source = at.recipe.inputs?.[1];
      if (mounted !== undefined && source !== undefined && !sources.has(mounted))
        sources.set(mounted, source);
    }
    return Promise.all(state.mounts.map((mount) => this.#mount(mount, sources.get(mount.target))));
  }

  async #mount(mount: Mount, source: Value | undefined): Promise<TracedMount> {
    const path = mount.target;
    switch (mount.kind) {
      case "contents": {
        const from = source === undefined ? other("the build") : this.#origin(source);
        return { kind: "files", path, from, readOnly: mount.readOnly };
      }
      case "cache":
        return { kind: "cache", path, volume: mount.volume, sharing: mount.sharing };
      case "temporary":
        return { kind: "temporary", path };
      case "secret":
        return { kind: "secret", path, secret: await this.#secretName(mount.secret) };
    }
  }

  /** What was put into the root filesystem since the step before. */
  #copies(value: Value | undefined): ScriptedExec["copies"] {
    const copies: { path: string; from: Origin }[] = [];
    for (const at of chainOf(value?.recipe.inputs?.[0])) {
      if (this.#execs.has(at.id)) break;
      const [, what] =
        /^Container\.with(Directory|File|Files|NewFile|Rootfs)$/.exec(at.recipe.operation) ?? [];
      if (what === undefined) continue;
      const path = textOf(at, "path") ?? "/";
      const sources = (at.recipe.inputs ?? []).slice(1);
      if (what === "NewFile") copies.push({ path, from: created });
      for (const source of sources) {
        if (source === undefined) continue;
        const from = this.#origin(source);
        copies.push({ path, from: narrowed(from, at) });
      }
    }
    return copies.reverse();
  }

  async #services(state: ContainerState): Promise<readonly TracedService[]> {
    return Promise.all(
      state.bindings.map(async ({ alias, service }) => {
        const definition = await service.state();
        const ports = definition.ports.map(({ port }) => port);
        return definition.kind === "program"
          ? {
              alias,
              image: definition.container.image,
              argv: definition.args.map((word) => this.#clean(word)),
              ports,
            }
          : { alias, image: null, argv: [`(${definition.kind})`], ports };
      }),
    );
  }

  #origin(value: Value): Origin {
    const [own] = this.#execs.get(value.id) ?? [];
    if (own !== undefined)
      return {
        from: { kind: "exec", exec: this.#execs.get(value.id)?.at(-1) ?? own },
        path: null,
        changes: [],
      };
    const { operation, inputs = [] } = value.recipe;
    const [type = "", field = ""] = operation.split(".");
    const self = inputs[0];
    if (type === "Query" && (field === "directory" || field === "file")) return created;
    if (type === "Host") return this.#hostOrigin(value);
    if (operation === "Container.from") return image(textOf(value, "address") ?? "");
    if (self === undefined) return other(operation);
    const before = this.#origin(self);
    const path = textOf(value, "path");
    if (field === "directory" || field === "file") return { ...before, path: joined(before.path, path) };
    if (["rootfs", "sync", "withName"].includes(field)) return before;
    // How a container is configured is told with the step; here only files count.
    if (type === "Container" && !/^with(out)?(Directory|File|Files|NewFile|Symlink)$/.test(field))
      return before;
    if (field === "asService" || field === "dockerBuild")
      return other(field === "dockerBuild" ? "a build" : "a service");
    return this.#changed(value, before);
  }

  #changed(value: Value, before: Origin): Origin {
    const { operation, inputs = [] } = value.recipe;
    const sources = inputs.slice(1).flatMap((source) => (source === undefined ? [] : [this.#origin(source)]));
    const [source] = sources;
    const path = textOf(value, "path") ?? textOf(value, "linkName");
    const isAll = operation.endsWith(".withDirectory") && /^[./]*$/.test(path ?? "");
    // A directory that is another one, as far as it was selected.
    if (isAll && before === created && source !== undefined) return narrowed(source, value);
    if (operation.endsWith(".filter")) return narrowed(before, value);
    const [, field = ""] = operation.split(".");
    const text = path === undefined ? field : `${field.startsWith("without") ? "-" : "+"} ${path}`;
    const changes =
      sources.length === 0 ? [{ text }] : sources.map((from) => ({ text, from: narrowed(from, value) }));
    return { ...before, changes: [...before.changes, ...changes] };
  }

  #hostOrigin(value: Value): Origin {
    const list = (name: string) => (argumentOf(value, name) as readonly string[] | undefined) ?? [];
    const path = this.hostPath(textOf(value, "path") ?? ".");
    return {
      from: { kind: "host", path, include: list("include"), exclude: list("exclude") },
      ...{ path: null, changes: [] },
    };
  }

  async #secretName(secret: Value<"Secret">): Promise<string> {
    const { name, uri } = await secret.state();
    if (name !== "") return name;
    const [, scheme = "", rest = ""] = /^(\w+):\/\/(.*)$/s.exec(uri) ?? [];
    return scheme === "file"
      ? `file:${this.hostPath(rest)}`
      : scheme === "env"
        ? `env:${rest}`
        : `${scheme}:...`;
  }

  #clean(text: string): string {
    return scrub(text, this.#session.longSecrets());
  }
}

const created: Origin = { from: { kind: "new" }, path: null, changes: [] };

function image(reference: string): Origin {
  return { from: { kind: "image", image: reference }, path: null, changes: [] };
}

function other(what: string): Origin {
  return { from: { kind: "other", what }, path: null, changes: [] };
}

function isExec(value: Value): boolean {
  return value.recipe.operation === "Container.withExec";
}

/** The container and those that it was made from, the nearest first. */
function* chainOf(value: Value | undefined): Iterable<Value> {
  for (let at = value; at?.type === "Container"; at = at.recipe.inputs?.[0]) yield at;
}

/** The part of it that the value's own patterns select. */
function narrowed(origin: Origin, value: Value): Origin {
  return { ...origin, changes: [...origin.changes, ...selectionOf(value)] };
}

function selectionOf(value: Value): Origin["changes"] {
  const named = (name: string, word: string) => {
    const patterns = (argumentOf(value, name) as readonly string[] | undefined) ?? [];
    return patterns.length === 0 ? [] : [{ text: `${word} ${patterns.join(", ")}` }];
  };
  return [...named("include", "only"), ...named("exclude", "without")];
}

function textOf(value: Value, name: string): string | undefined {
  const argument = argumentOf(value, name);
  return typeof argument === "string" ? argument : undefined;
}

function argumentOf(value: Value, name: string): unknown {
  return (
    (value.recipe.arguments as Readonly<Record<string, unknown>> | null | undefined)?.[name] ?? undefined
  );
}

function joined(path: string | null, more: string | undefined): string | null {
  const text = more ?? "";
  if (path === null) return text;
  return text.startsWith("/") ? text : `${path.replace(/\/$/, "")}/${text}`;
}

function sorted(ids: ReadonlySet<number>): readonly number[] {
  return [...ids].sort((a, b) => a - b);
}
