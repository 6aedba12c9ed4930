import type { TypeFacts } from "../change.ts";

/**
 * Whether a column may change its type without its table being written anew: the values on disk mean the same, and none
 * has to be checked. False where the type that it has is not known.
 */
export function isBinaryCompatible(from: TypeFacts | undefined, to: TypeFacts): boolean {
  if (from === undefined || from.array !== to.array) return false;
  // Each element of an array goes through the cast, also where it would do nothing to a value alone.
  if (from.array) return from.name === to.name && sameList(from.modifiers, to.modifiers);
  if (from.name === to.name) return isWider(from, to);
  return compatible.some(
    ([before, after]) =>
      before === from.name &&
      after === to.name &&
      (to.modifiers.length === 0 || (widening.has(to.name) && isWider(from, to))),
  );
}

/** Without a limit, or with the same or a larger one. */
function isWider(from: TypeFacts, to: TypeFacts): boolean {
  if (sameList(from.modifiers, to.modifiers)) return true;
  // char(n) is padded: another n is another value.
  if (from.name === "bpchar" || from.name === "bit") return false;
  if (to.modifiers.length === 0) return true;
  if (from.modifiers.length === 0) return false;
  const [before = 0, scaleBefore = 0] = from.modifiers;
  const [after = 0, scaleAfter = 0] = to.modifiers;
  return to.name === "numeric"
    ? after >= before && scaleAfter === scaleBefore
    : widening.has(to.name) && after >= before;
}

/** Types whose limit may grow. */
const widening = new Set([
  "varchar",
  "varbit",
  "numeric",
  "timestamp",
  "timestamptz",
  "time",
  "timetz",
  "interval",
]);

const compatible: readonly (readonly [string, string])[] = [
  ["varchar", "text"],
  ["text", "varchar"],
  ["citext", "text"],
  ["text", "citext"],
  ["varchar", "citext"],
  ["citext", "varchar"],
  ["xml", "text"],
  ["xml", "varchar"],
  ["cidr", "inet"],
  ["bit", "varbit"],
  ["int4", "oid"],
  ["int4", "regclass"],
];

function sameList(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
