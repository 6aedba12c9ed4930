import type { z } from "zod";
import { knownNames, type Path } from "./problems.ts";

/** What may stand somewhere: each branch of a union by itself. */
interface Branch {
  readonly def: Readonly<Record<string, unknown>>;
}

type Shape = Readonly<Record<string, z.ZodType>>;

/** What is wrong with a key that is not among those of the shape that its neighbours make. */
export function unknownKey(key: string, branches: readonly Branch[], value: unknown): string {
  const shapes = branches.flatMap(({ def }) => ("shape" in def ? [def["shape"] as Shape] : []));
  const given = value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
  const without = shapes.filter((shape) => !(key in shape));
  const meant = without.filter(
    (shape) => fits(shape, given) && Object.keys(given).some((other) => other in shape),
  );
  const own = meant.length > 0 ? meant : without;
  const beside = decisive(own, given);
  const others = shapes.filter((shape) => key in shape);
  // Where the other shape has none of what decides about this one, either of them was meant.
  if (
    beside.length > 0 &&
    others.some((shape) => isRequired(shape, key) && !beside.some((name) => name in shape))
  )
    return `cannot stand beside ${beside.join(", ")}: only one of them`;
  const known = knownNames(key, [...new Set(own.flatMap((shape) => Object.keys(shape)))]);
  const named = beside.map((name) => labelled(own, name, given)).join(", ");
  return others.length === 0 || named === "" ? `unknown key; ${known}` : `is no key of ${named}; ${known}`;
}

/** What the schema has at a path, found by walking the schema itself. */
export function schemasAt(schema: z.ZodType, path: Path): Branch[] {
  let schemas: unknown[] = [schema];
  for (const part of path) schemas = schemas.flatMap(branchesOf).flatMap((branch) => below(branch, part));
  return schemas.flatMap(branchesOf);
}

/** Whether what tells shapes apart, such as `scan: audit`, is as this one has it. */
function fits(shape: Shape, given: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(shape).every(([key, schema]) => {
    const names = namesOf(schema);
    return names === undefined || (key in given ? names.includes(given[key]) : !isRequired(shape, key));
  });
}

/** Keys that are there, and that each of the shapes asks for. */
function decisive(shapes: readonly Shape[], given: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(given).filter((key) => shapes.every((shape) => key in shape && isRequired(shape, key)));
}

function labelled(shapes: readonly Shape[], key: string, given: Readonly<Record<string, unknown>>): string {
  const isNamed = shapes.every((shape) => shape[key] !== undefined && namesOf(shape[key]) !== undefined);
  return isNamed ? `${key}: ${String(given[key])}` : key;
}

function isRequired(shape: Shape, key: string): boolean {
  return shape[key]?._zod.optin !== "optional";
}

/** The values of a literal or an enum; undefined for what takes others, too. */
function namesOf(schema: z.ZodType): readonly unknown[] | undefined {
  const { def } = schema._zod as unknown as Branch;
  if (def["type"] === "literal") return def["values"] as unknown[];
  if (def["type"] === "enum") return Object.values(def["entries"] as Readonly<Record<string, unknown>>);
  return undefined;
}

/** Looks through default, nullable, optional, pipe and union wrappers. */
function branchesOf(schema: unknown): Branch[] {
  const { def } = (schema as { readonly _zod: Branch })._zod;
  if ("innerType" in def) return branchesOf(def["innerType"]);
  if (def["type"] === "pipe") return branchesOf(def["in"]);
  if (def["type"] === "union") return (def["options"] as unknown[]).flatMap(branchesOf);
  return [{ def }];
}

function below({ def }: Branch, part: string | number): unknown[] {
  if (def["type"] === "array") return [def["element"]];
  if (def["type"] === "record") return [def["valueType"]];
  const next = (def["shape"] as Record<string, unknown> | undefined)?.[part];
  return next === undefined ? [] : [next];
}
