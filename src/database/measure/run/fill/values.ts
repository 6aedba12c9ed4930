import type { Column } from "../catalog.ts";

/** Writes the SQL of a column's value in the row of this number, which is an expression itself and counts from 1. */
export type ValueOf = (row: string) => string;

/**
 * Values that a column of this type can have, the most distinct first; the others are for a check that the first breaks.
 * Empty for a type that nothing is known of.
 * @param literals words and numbers that the table's checks name
 */
export function valuesOf(column: Column, literals: readonly string[]): ValueOf[] {
  const plain = valuesOfType(column);
  if (plain.length === 0) return [];
  const named = literals.map(
    (literal): ValueOf =>
      () =>
        `'${literal.replaceAll("'", "''")}'`,
  );
  return [...plain, ...named].map(
    (value): ValueOf =>
      (row) =>
        `(${value(row)})::${column.type}`,
  );
}

function valuesOfType({ base, type, typeKind, modifier, element }: Column): ValueOf[] {
  if (element !== null) {
    return valuesOfType({ ...elementColumn, ...element }).map(
      (value): ValueOf =>
        (row) =>
          `ARRAY[${value(row)}]`,
    );
  }
  if (typeKind === "e") return [(row) => cycle(`enum_range(NULL::${type})`, row)];
  if (typeKind === "r") return rangesOf(base);
  const known = Object.hasOwn(byBase, base) ? byBase[base] : undefined;
  return known?.(modifier) ?? [];
}

const elementColumn: Column = {
  ...{ name: "", type: "", base: "", typeKind: "b", modifier: -1, element: null },
  ...{ notNull: false, hasDefault: false, generated: false },
};

const cycle = (array: string, row: string) => `(${array})[1 + ((${row}) % cardinality(${array}))::int]`;

const seconds = (type: string): ValueOf[] => [
  (row) => `${type} '2024-01-01' + (${row}) * interval '1 second'`,
  (row) => `${type} '2034-01-01' + (${row}) * interval '1 second'`,
];
const hex = (digits: number, row: string) =>
  `right(lpad(to_hex(${row}), ${String(digits)}, '0'), ${String(digits)})`;
const uuid: ValueOf = (row) => `'00000000-0000-4000-8000-' || ${hex(12, row)}`;
const numbers = (limit: string): ValueOf[] => [
  (row) => `(${row}) % ${limit}`,
  (row) => `1 + (${row}) % 9`,
  () => "0",
  () => "1",
  (row) => `-1 - (${row}) % ${limit}`,
];

/** By PostgreSQL's own names of types. */
const byBase: Readonly<Record<string, (modifier: number) => ValueOf[]>> = {
  int2: () => numbers("32767"),
  int4: () => numbers("2147483647"),
  int8: () => numbers("2147483647"),
  oid: () => numbers("2147483647"),
  float4: () => numbers("2147483647"),
  float8: () => numbers("2147483647"),
  money: () => numbers("2147483647"),
  numeric: (modifier) => numbers(`1e${String(Math.min(wholeDigits(modifier), 9))}::int`),
  bool: () => [(row) => `(${row}) % 2 = 0`, () => "true", () => "false"],
  text: () => words(-1),
  varchar: words,
  bpchar: words,
  citext: () => words(-1),
  name: () => words(-1),
  uuid: () => [uuid],
  date: () => [(row) => `date '2024-01-01' + ((${row}) % 3650)::int`, () => "date '2034-01-01'"],
  timestamp: () => seconds("timestamp"),
  timestamptz: () => seconds("timestamptz"),
  time: () => [(row) => `time '00:00' + ((${row}) % 86400) * interval '1 second'`],
  timetz: () => [(row) => `timetz '00:00Z' + ((${row}) % 86400) * interval '1 second'`],
  interval: () => [(row) => `(${row}) * interval '1 second'`],
  json: () => [(row) => `json_build_object('row', ${row})`],
  jsonb: () => [(row) => `jsonb_build_object('row', ${row})`],
  bytea: () => [(row) => `decode(${hex(16, row)}, 'hex')`],
  inet: () => [(row) => `inet '10.0.0.0' + (${row}) % 16777216`],
  cidr: () => [(row) => `host(inet '10.0.0.0' + (${row}) % 16777216)`],
  macaddr: () => [(row) => hex(12, row)],
  tsvector: () => [(row) => `'word' || (${row})`],
  xml: () => [(row) => `'<row>' || (${row}) || '</row>'`],
  point: () => [(row) => `point(${row}, ${row})`],
  bit: (modifier) => [(row) => `(${row})::bigint::bit(${String(Math.max(modifier, 1))})`],
  varbit: () => [(row) => `(${row})::int::bit(32)`],
};

function words(modifier: number): ValueOf[] {
  const longest = modifier < 4 ? Infinity : modifier - 4;
  const digits = Math.min(longest, 8);
  const first: ValueOf = longest >= 12 ? (row) => `'row ' || (${row})` : (row) => hex(digits, row);
  return [
    first,
    (row) => hex(digits, row),
    (row) => `upper(${hex(digits, row)})`,
    (row) => `'row' || (${row}) || '@example.com'`,
    (row) => `'https://example.com/' || (${row})`,
    () => "'a'",
    () => "'A'",
  ];
}

/** Digits before the point. */
function wholeDigits(modifier: number): number {
  if (modifier < 4) return 9;
  const packed = modifier - 4;
  return Math.max((packed >> 16) - (packed & 0x7ff), 0);
}

function rangesOf(base: string): ValueOf[] {
  switch (base) {
    case "int4range":
    case "int8range":
    case "numrange":
      return [
        (row) =>
          `${base}(((${row}) * 2)::${base === "int4range" ? "int" : base === "int8range" ? "bigint" : "numeric"}, ((${row}) * 2 + 1)::${base === "int4range" ? "int" : base === "int8range" ? "bigint" : "numeric"})`,
      ];
    case "daterange":
      return [(row) => `daterange(date '2024-01-01' + (${row})::int, date '2024-01-02' + (${row})::int)`];
    case "tsrange":
    case "tstzrange": {
      const type = base === "tsrange" ? "timestamp" : "timestamptz";
      const at = (row: string) => `${type} '2024-01-01' + (${row}) * interval '1 second'`;
      return [(row) => `${base}(${at(row)}, ${at(`(${row}) + 1`)})`];
    }
    default:
      return [];
  }
}
