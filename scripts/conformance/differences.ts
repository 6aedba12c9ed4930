import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const schema = z.array(
  z.strictObject({
    verdict: z.enum(["other words", "refused", "other value"]),
    reason: z.string().min(1),
    cases: z.array(z.string()).min(1),
  }),
);

export interface Difference {
  readonly verdict: z.infer<typeof schema>[number]["verdict"];
  readonly reason: string;
}

/** The cases that are known to answer otherwise than the real engine, each with the reason. */
export function readDifferences(path: string): ReadonlyMap<string, Difference> {
  const differences = new Map<string, Difference>();
  for (const { cases, ...difference } of schema.parse(parse(readFileSync(path, "utf8")))) {
    for (const name of cases) {
      if (differences.has(name)) throw new Error(`${path}: "${name}" stands there twice`);
      differences.set(name, difference);
    }
  }
  return differences;
}
