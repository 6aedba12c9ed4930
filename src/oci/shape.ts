/** Small checks of the shape of foreign JSON: each throws a sentence that names the member and what it holds. */
export type Check = (value: unknown, at: string) => void;

class ShapeError extends Error {
  override readonly name = "ShapeError";
}

export const text: Check = (value, at) => {
  if (typeof value !== "string") throw wrong(at, value, "a string");
};

export const count: Check = (value, at) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw wrong(at, value, "a number of bytes, 0 or more");
};

export function exactly(expected: string | number): Check {
  return (value, at) => {
    if (value !== expected) throw wrong(at, value, JSON.stringify(expected));
  };
}

export function matching(test: (value: string) => boolean, expected: string): Check {
  return (value, at) => {
    if (typeof value !== "string" || !test(value)) throw wrong(at, value, expected);
  };
}

/** Members that are named must fit; others may stand beside them. */
export function object(members: Readonly<Record<string, Check>>): Check {
  return (value, at) => {
    if (!isObject(value)) throw wrong(at, value, "an object");
    for (const [name, check] of Object.entries(members))
      check(value[name], at === "" ? name : `${at}.${name}`);
  };
}

export function listOf(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) throw wrong(at, value, "a list");
    value.forEach((item, index) => {
      check(item, `${at}[${String(index)}]`);
    });
  };
}

export function recordOf(check: Check): Check {
  return (value, at) => {
    if (!isObject(value)) throw wrong(at, value, "an object");
    for (const [name, member] of Object.entries(value)) check(member, `${at}.${name}`);
  };
}

/** Absent or null, as Docker writes what is empty. */
export function optional(check: Check): Check {
  return (value, at) => {
    if (value !== undefined && value !== null) check(value, at);
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(at: string, value: unknown, expected: string): ShapeError {
  const found = value === undefined ? "missing" : JSON.stringify(value).slice(0, 80);
  return new ShapeError(`${at === "" ? "the document" : at} is ${found}; expected ${expected}`);
}
