import { EngineError } from "../errors.ts";
import { jsonText, parseJson } from "../json-text.ts";
import type { JsonState } from "../states.ts";
import { derived, plain, type Given, type Resolver, type Resolvers } from "./resolver.ts";
import { refusal } from "../validation.ts";
import type { Session } from "../session.ts";

function reads(read: (value: unknown, given: Given, session: Session) => unknown): Resolver<"JSONValue"> {
  return async (self, given, session) => read(parseJson((await self.state()).text), given, session);
}

function makes(
  operation: string,
  make: (state: JsonState, given: Given, session: Session) => JsonState | Promise<JsonState>,
): Resolver<"JSONValue"> {
  return (self, given, session) => {
    const inputs = typeof given.value === "string" && operation === "withField" ? [given.value] : [];
    return derived(
      ...([session, self, "JSONValue", operation, given] as const),
      (state) => make(state, given, session),
      inputs.map((id) => session.values.find(id)),
    );
  };
}

export const jsonValue: Resolvers<"JSONValue"> = {
  contents: async (self, given) => {
    const { text } = await self.state();
    if (given.pretty !== true) return text;
    const value = parseJson(text);
    // Without an indent the engine still writes a line for each member.
    if (given.indent === "") throw new EngineError(refusal('JSONValue.contents(pretty: true, indent: "")'));
    return jsonText(value, String(given.indent ?? "  "));
  },
  withContents: makes("withContents", (_state, given) => {
    parseJson(String(given.contents));
    return { text: String(given.contents) };
  }),
  newInteger: makes("newInteger", (_state, given) => ({ text: jsonText(given.value) })),
  newString: makes("newString", (_state, given) => ({ text: jsonText(given.value) })),
  newBoolean: makes("newBoolean", (_state, given) => ({ text: jsonText(given.value) })),
  asInteger: reads((value) => {
    if (Number.isSafeInteger(value)) return value;
    throw new EngineError("the JSON value is no integer of at most 53 bits");
  }),
  asString: reads((value) => {
    if (typeof value === "string") return value;
    throw new EngineError("the JSON value is no string");
  }),
  asBoolean: reads((value) => {
    if (typeof value === "boolean") return value;
    throw new EngineError("value is not a boolean");
  }),
  asArray: reads((value, _given, session) => {
    if (!Array.isArray(value)) throw new EngineError("value is not an array");
    return value.map((item) => plain(session, "JSONValue", { text: jsonText(item) }));
  }),
  fields: reads((value) => {
    if (!isObject(value)) throw new EngineError("value is not an object");
    return Object.keys(value).sort();
  }),
  field: makes("field", ({ text }, given) => {
    let value = parseJson(text);
    for (const name of given.path as string[]) {
      if (!isObject(value)) throw new EngineError(`can't lookup field '${name}' in non-object value`);
      if (!Object.hasOwn(value, name)) throw new EngineError(`no such field: '${name}'`);
      value = value[name];
    }
    return { text: jsonText(value) };
  }),
  withField: makes("withField", async ({ text }, given, session) => {
    const value = await session.values.load("JSONValue", String(given.value)).state();
    return { text: jsonText(withField(parseJson(text), given.path as string[], parseJson(value.text))) };
  }),
};

/** What is no object on the way becomes one. */
function withField(at: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path;
  const there = isObject(at) ? at : {};
  if (name === undefined) return there;
  const next = rest.length === 0 ? value : withField(there[name], rest, value);
  return Object.fromEntries([...Object.entries(there).filter(([key]) => key !== name), [name, next]]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
