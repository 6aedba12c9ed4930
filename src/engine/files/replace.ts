import { EngineError } from "../errors.ts";

export interface Replacement {
  readonly search: string;
  readonly replacement: string;
  readonly all: boolean;
  /** The first line, counted from 1, in which the one that is replaced may begin. */
  readonly firstFrom?: number | null;
}

/** The bytes with one occurrence of a text replaced, or all of them. @throws where it is not there, or it is not clear which is meant */
export function replaced(bytes: Buffer, { search, replacement, all, firstFrom }: Replacement): Buffer {
  if (search === "") throw new EngineError("the search string is empty");
  const from = firstFrom == null ? 0 : startOfLine(bytes, firstFrom);
  const places = placesOf(bytes, Buffer.from(search), from);
  const [first] = places;
  if (first === undefined) {
    if (all) return bytes;
    throw new EngineError("search string not found");
  }
  if (!all && firstFrom == null && places.length > 1) {
    const lines = places.map((place) => told(bytes, place, search));
    throw new EngineError(`search string found multiple times: ${lines.join(", ")}`);
  }
  const parts: Buffer[] = [];
  let at = 0;
  for (const place of all ? places : [first]) {
    parts.push(bytes.subarray(at, place), Buffer.from(replacement));
    at = place + Buffer.byteLength(search);
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

function placesOf(bytes: Buffer, search: Buffer, from: number): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(search, from); at !== -1; at = bytes.indexOf(search, at + search.length))
    places.push(at);
  return places;
}

function startOfLine(bytes: Buffer, line: number): number {
  let at = 0;
  for (let count = 1; count < line; count++) {
    const end = bytes.indexOf(10, at);
    if (end === -1) return bytes.length;
    at = end + 1;
  }
  return at;
}

function told(bytes: Buffer, place: number, search: string): string {
  const before = bytes.subarray(0, place);
  const column = place - (before.lastIndexOf(10) + 1);
  const line = before.toString("latin1").split("\n").length;
  return `line ${String(line)} (${String(column)}-${String(column + Buffer.byteLength(search))})`;
}
