import type { Origin } from "../../../engine/engine.ts";

/** `host apps/api without node_modules`, `/app/dist of step 3`. */
export function originText(origin: Origin, numbers: ReadonlyMap<number, number>): string {
  const path = origin.path === null ? "" : `${origin.path} of `;
  const changes = origin.changes.map(({ text, from }) =>
    from === undefined ? text : `${text} (${originText(from, numbers)})`,
  );
  return [`${path}${sourceText(origin, numbers)}`, ...changes].join(" ");
}

function sourceText({ from }: Origin, numbers: ReadonlyMap<number, number>): string {
  switch (from.kind) {
    case "host": {
      const only = from.include.length > 0 ? ` only ${from.include.join(", ")}` : "";
      const without = from.exclude.length > 0 ? ` without ${from.exclude.join(", ")}` : "";
      return `host ${from.path}${only}${without}`;
    }
    case "exec":
      return `step ${String(numbers.get(from.exec) ?? 0)}`;
    case "image":
      return `image ${from.image}`;
    case "new":
      return "new";
    case "other":
      return from.what;
  }
}
