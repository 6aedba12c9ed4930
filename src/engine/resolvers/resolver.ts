import type { Json } from "../../model/canonical-json.ts";
import type { Session } from "../session.ts";
import type { States, TypeName } from "../states.ts";
import type { Value } from "../values.ts";

/** Answers a field of a value: another value, or what is read from its state. */
export type Resolver<T extends TypeName> = (self: Value<T>, given: Given, session: Session) => unknown;

export type Resolvers<T extends TypeName> = Readonly<Record<string, Resolver<T>>>;

/** A field's arguments, already of the schema's types; each resolver knows its own. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the schema has checked them
export type Given = Readonly<Record<string, any>>;

/** The value that an operation on another gives: a recipe of both, evaluated when somebody asks. */
export function derived<From extends TypeName, To extends TypeName>(
  session: Session,
  self: Value<From>,
  type: To,
  operation: string,
  given: Given,
  make: (state: States[From]) => States[To] | Promise<States[To]>,
  inputs: readonly (Value | undefined)[] = [],
): Value<To> {
  return session.values.of({
    type,
    operation: `${self.type}.${operation}`,
    arguments: jsonOf(given),
    inputs: [self as unknown as Value, ...inputs],
    make: async () => make(await self.state()),
  });
}

/** A value that only holds what it says. */
export function plain<T extends TypeName>(session: Session, type: T, state: States[T]): Value<T> {
  return session.values.of({
    type,
    operation: type,
    arguments: jsonOf(state),
    make: () => Promise.resolve(state),
  });
}

function jsonOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json;
}
