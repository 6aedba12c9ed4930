import { AsyncLocalStorage } from "node:async_hooks";
import { hashOf, type Json } from "../model/canonical-json.ts";
import { EngineError } from "./errors.ts";
import type { States, TypeName } from "./states.ts";

/** The value that is being made, for whoever has to know what he works for. */
const making = new AsyncLocalStorage<Value>();

export function currentValue(): Value | undefined {
  return making.getStore();
}

/** Answers a field of the value, which is then the current one. */
export function workingFor<T>(value: Value | null, work: () => T): T {
  return value === null ? work() : making.run(value, work);
}

/**
 * An immutable value: the recipe that makes it, named by the recipe's hash. Nothing runs until somebody asks for
 * its state, and what is asked twice runs once.
 */
export class Value<T extends TypeName = TypeName> {
  readonly type: T;
  readonly id: string;
  readonly recipe: Recipe<T>;
  #state: Promise<States[T]> | undefined;

  constructor(id: string, recipe: Recipe<T>) {
    this.type = recipe.type;
    this.id = id;
    this.recipe = recipe;
  }

  /** The evaluated value. A failure is not remembered: the next who asks tries again. */
  state(): Promise<States[T]> {
    this.#state ??= making.run(this as unknown as Value, this.recipe.make).catch((error: unknown) => {
      this.#state = undefined;
      throw error;
    });
    return this.#state;
  }
}

export interface Recipe<T extends TypeName> {
  readonly type: T;
  /** The operation's name, `Container.withExec`. */
  readonly operation: string;
  readonly arguments?: Json;
  readonly inputs?: readonly (Value | undefined)[];
  readonly make: () => Promise<States[T]>;
}

/** All the values of a session, by id: equal recipes are the same value, in all connections. */
export class Values {
  readonly #byId = new Map<string, Value>();

  of<T extends TypeName>(recipe: Recipe<T>): Value<T> {
    const inputs = (recipe.inputs ?? []).map((input) => input?.id ?? null);
    const hash = hashOf([recipe.type, recipe.operation, recipe.arguments ?? null, inputs]);
    const id = idOf(recipe.type, hash);
    const known = this.#byId.get(id);
    if (known !== undefined) return known as Value<T>;
    const value = new Value(id, recipe);
    this.#byId.set(id, value);
    return value;
  }

  find(id: string): Value {
    const value = this.#byId.get(id);
    if (value === undefined)
      throw new EngineError(`invalid ID string: ${JSON.stringify(id.slice(0, 40))} is no ID of this session`);
    return value;
  }

  /** The type of the value of this id, where there is one. */
  typeOf(id: string): TypeName | undefined {
    return this.#byId.get(id)?.type;
  }

  /** The value of this id, which must be of this type. */
  load<T extends TypeName>(type: T, id: string): Value<T> {
    const value = this.find(id);
    if (value.type !== type) throw new EngineError(`expected "${type}" ID, got ${value.type}! ID`);
    return value as unknown as Value<T>;
  }
}

/** Opaque to the client, as Dagger's own ids are. */
function idOf(type: TypeName, hash: string): string {
  return Buffer.from(`\x12${type}:${hash.slice("sha256:".length)}`).toString("base64");
}
