import { z } from "zod";

/** The parameters of a route with `:id`. */
export const idParameter = z.object({ id: z.coerce.number().int().positive() });

/** The value as the schema has it; else an error that Fastify answers with 400. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw Object.assign(new Error(z.prettifyError(result.error)), { statusCode: 400 });
}
