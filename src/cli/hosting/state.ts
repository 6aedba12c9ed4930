import { failure } from "../../model/errors.ts";
import type { ModuleClass } from "../module/load.ts";
import type { Manifest, ObjectDefinition, TypeReference } from "../module/manifest.ts";

/**
 * An object of the module as it travels between two calls: the fields that its class declares, as JSON. Objects of the
 * engine stand in it as themselves, which within a session is what their ids say. What is no field, such as `#x`
 * and what is in a Map, stays behind, as it does on a real engine.
 */
export interface ObjectState {
  readonly object: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function isObjectState(value: unknown): value is ObjectState {
  return value instanceof Frozen;
}

class Frozen implements ObjectState {
  readonly object: string;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(object: string, fields: Readonly<Record<string, unknown>>) {
    this.object = object;
    this.fields = fields;
  }

  toJSON(): unknown {
    return { [frozenMark]: { object: this.object, fields: this.fields } };
  }
}

/** The same value after it was JSON: objects of the module are such again. */
export function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null || !(frozenMark in value)) return value;
  const { object, fields } = (value as { [frozenMark]: ObjectState })[frozenMark];
  return new Frozen(
    object,
    Object.fromEntries(Object.entries(fields).map(([name, held]) => [name, revived(held)])),
  );
}

const frozenMark = "fairway:object";

/** What is left of a function's answer when it leaves the function. @throws FairwayError STATE_LOST (exit 1) */
export function freeze(value: unknown, type: TypeReference, manifest: Manifest): unknown {
  if (value === undefined || value === null || isCoreObject(value)) return value;
  if (type.kind === "list")
    return Array.isArray(value) ? value.map((item) => freeze(item, type.of, manifest)) : asJson(value);
  const definition = type.kind === "object" ? manifest.objects[type.name] : undefined;
  if (definition === undefined || typeof value !== "object") return asJson(value);
  const fields = Object.entries(value).map(([member, held]) => fieldOf(definition, member, held, manifest));
  return new Frozen(definition.name, Object.fromEntries(fields));
}

/** As the SDK does it: a property without a declared type, and null, break the answer of the whole object. */
function fieldOf(
  definition: ObjectDefinition,
  member: string,
  value: unknown,
  manifest: Manifest,
): readonly [string, unknown] {
  const place = `${definition.name}.${member}`;
  const field = definition.state.find((candidate) => candidate.member === member);
  if (field === undefined) throw lost(place, "is no declared property of its class");
  if (value === null) throw lost(place, "is null, which Dagger's SDK cannot answer: leave the property out");
  if (typeof value === "function") throw lost(place, "is a function");
  return [field.name, freeze(value, field.type, manifest)];
}

function lost(place: string, why: string): Error {
  return failure(`${place} ${why}, so the object cannot travel to the next function`, {
    code: "STATE_LOST",
    place,
    remedy: "an object's state is JSON between calls: declare each property, with a type that Dagger knows",
  });
}

/** A new instance for the next call; the constructor is not run again. */
export async function thaw(
  state: ObjectState,
  manifest: Manifest,
  classOf: (name: string) => Promise<ModuleClass | undefined>,
): Promise<Record<string, unknown>> {
  const definition = manifest.objects[state.object];
  const Class = await classOf(state.object);
  const instance = Object.create((Class?.prototype ?? null) as object | null) as Record<string, unknown>;
  for (const { name, member } of definition?.state ?? []) {
    if (name in state.fields) instance[member] = await thawValue(state.fields[name], manifest, classOf);
  }
  return instance;
}

async function thawValue(
  value: unknown,
  manifest: Manifest,
  classOf: (name: string) => Promise<ModuleClass | undefined>,
): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => thawValue(item, manifest, classOf)));
  return isObjectState(value) ? thaw(value, manifest, classOf) : value;
}

/** One of the engine's own objects, as the SDK has them: it can say its id. */
export interface CoreObject {
  id(): Promise<string>;
  readonly sync?: () => Promise<unknown>;
}

export function isCoreObject(value: unknown): value is CoreObject {
  return typeof value === "object" && value !== null && typeof (value as { id?: unknown }).id === "function";
}

/** Also a Date, a Map or an instance is what JSON makes of it. */
function asJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
