import type { Change } from "../change.ts";
import type { Situation } from "../situation.ts";
import type { Undo } from "./effects.ts";

/** Whether a later migration can bring back what was, and what is lost for good. */
export function undoOf(change: Change, { schema }: Situation): Undo {
  switch (change.kind) {
    case "drop-table":
      return schema.isNew(change.table) ? back : lost("rows");
    case "truncate":
      return change.tables.every((table) => schema.isNew(table)) ? back : gone("rows");
    case "delete":
      return schema.keeps(change.keptIn) ? back : gone("rows");
    case "drop-schema":
    case "drop-extension":
      return change.cascade ? lost("rows") : back;
    case "drop-column":
      return schema.isNewColumn(change.table, change.column) ? back : lost("values");
    case "column-type":
      return change.using === "computed" ? lost("values") : back;
    case "insert":
      return change.overwrites ? gone("values") : back;
    case "update":
    case "merge":
      return gone("values");
    case "drop-type":
      return change.cascade ? lost("values") : back;
    // PostgreSQL cannot take a value out of an enum.
    case "add-enum-value":
      return { possible: "no", loses: "nothing" };
    case "unknown":
      return { possible: "no", loses: "nothing" };
    default:
      return back;
  }
}

const back: Undo = { possible: "yes", loses: "nothing" };
const lost = (loses: Undo["loses"]): Undo => ({ possible: "data-lost", loses });
const gone = (loses: Undo["loses"]): Undo => ({ possible: "no", loses });
