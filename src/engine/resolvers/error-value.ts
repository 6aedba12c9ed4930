import { derived, plain, type Resolvers } from "./resolver.ts";

/** An error as a value, which a function of a module returns. */
export const error: Resolvers<"Error"> = {
  message: async (self) => (await self.state()).message,
  values: async (self, _given, session) =>
    (await self.state()).values.map((value) => plain(session, "ErrorValue", value)),
  withValue: (self, given, session) =>
    derived(session, self, "Error", "withValue", given, (state) => ({
      ...state,
      values: [...state.values, { name: String(given.name), value: String(given.value) }],
    })),
};
