/** One thing that is wrong, or doubtful, in a config. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly path: Path;
  readonly message: string;
  /** True when the place is the key at the end of the path, not its value. */
  readonly atKey?: boolean;
}

export type Path = readonly (string | number)[];

export function problem(path: Path, message: string): Problem {
  return { severity: "error", path, message };
}

export function warning(path: Path, message: string): Problem {
  return { severity: "warning", path, message };
}

export function isError({ severity }: Problem): boolean {
  return severity === "error";
}

/** `environments.staging.smoke[0].path`; keys that are not plain words are quoted. */
export function pathText(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${String(part)}]`;
    else if (/^[\w-]+$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** The known name that is nearest to `name`, when a slip of the finger could have made one of the other. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(name.length / 3))
    ? best.candidate
    : undefined;
}

/** `did you mean api? Known: api, web`. */
export function knownNames(name: string, known: readonly string[]): string {
  if (known.length === 0) return "there are none";
  const close = nearest(name, known);
  const list = `known: ${known.join(", ")}`;
  return close === undefined ? list : `did you mean ${close}? (${list})`;
}

/** Levenshtein distance in which two swapped neighbours count one. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const above = rows[row - 1] ?? [];
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (rows[row - 2]?.[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    rows.push(current);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
