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
  if (from.modifiers.length === 0 || isOtherInterval(from, to)) return false;
  const [before = 0, scaleBefore = 0] = from.modifiers;
  const [after = 0, scaleAfter = 0] = to.modifiers;
  return to.name === "numeric"
    ? after >= before && scaleAfter === scaleBefore
    : widening.has(to.name) && after >= before;
}

/** The first modifier of an interval is the set of its fields: YEAR, DAY TO SECOND. */
function isOtherInterval(from: TypeFacts, to: TypeFacts): boolean {
  return to.name === "interval" && from.modifiers[0] !== to.modifiers[0];
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

/** A limit that grows, or goes: what code reads and writes has the same form. */
export function isWidening(from: TypeFacts | undefined, to: TypeFacts): boolean {
  if (from === undefined || from.array !== to.array) return false;
  const fits =
    to.modifiers.length === 0 ||
    ((from.modifiers[0] ?? Infinity) <= (to.modifiers[0] ?? 0) && from.modifiers.length > 0);
  if (isCharacters(from.name) && isCharacters(to.name)) return fits;
  if (from.name !== to.name) return false;
  if (sameList(from.modifiers, to.modifiers)) return true;
  // A bit string has exactly so many; char(n) is read with as many blanks.
  if (from.name === "bit" || from.name === "bpchar" || isOtherInterval(from, to))
    return to.modifiers.length === 0 && from.name === "interval";
  if (from.name === "numeric" && to.modifiers.length > 0) return hasRoom(from.modifiers, to.modifiers);
  return (from.modifiers[1] ?? 0) <= (to.modifiers[1] ?? 0) && fits;
}

/** As many digits before the point, and as many behind it. */
function hasRoom(
  [digits, scale = 0]: readonly number[],
  [more = 0, moreScale = 0]: readonly number[],
): boolean {
  return digits !== undefined && scale <= moreScale && digits - scale <= more - moreScale;
}

/** Types whose values code often reads and writes as before, in another form: all of them are characters for some. */
export function isKin(from: TypeFacts, to: TypeFacts): boolean {
  if (from.array !== to.array) return false;
  if (from.name === to.name || isCharacters(to.name)) return true;
  return families.some((names) => names.has(from.name) && names.has(to.name));
}

const isCharacters = (name: string) => name === "varchar" || name === "text";

const families: readonly ReadonlySet<string>[] = [
  new Set(["int2", "int4", "int8", "numeric", "float4", "float8"]),
  new Set(["timestamp", "timestamptz", "date"]),
  new Set(["time", "timetz"]),
  new Set(["json", "jsonb"]),
  new Set(["varchar", "text", "bpchar", "citext"]),
];

function sameList(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
