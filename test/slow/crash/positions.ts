import type { Operation } from "../../../src/model/plan.ts";
import { type Moment, momentsOf } from "../../../src/testing/testing.ts";

/** A moment around one write of a deployment's journal. */
export interface Position {
  /** `before write 5, backup finished` */
  readonly at: string;
  readonly cut: Moment;
  /** Whether there is a deployment to resume. */
  readonly leaves: "nothing" | "a part" | "all of it";
  /** The operation that had begun, and whether it has happened: what the journal alone does not say. */
  readonly underWay: { readonly kind: Operation["kind"]; readonly state: "done" | "not done" } | null;
}

/** Every position of a journal: before and after `deployment-started`, two events for each operation, and the end. */
export function positionsOf(operations: readonly Operation["kind"][]): Position[] {
  const writes = [
    "the deployment started",
    ...operations.flatMap((kind) => [`${kind} started`, `${kind} finished`]),
    "the deployment succeeded",
  ];
  return momentsOf(writes.length).map((cut): Position => {
    const { write, when } = cut;
    const written = when === "before" ? write - 1 : write;
    return {
      at: `${when} write ${String(write)}, ${writes[write - 1] ?? ""}`,
      cut,
      leaves: written === 0 ? "nothing" : written === writes.length ? "all of it" : "a part",
      underWay: underWay(operations, cut),
    };
  });
}

/** Those at which an operation of these kinds is under way. */
export function during(positions: readonly Position[], kinds: readonly Operation["kind"][]): Position[] {
  return positions.filter(({ underWay: of }) => of !== null && kinds.includes(of.kind));
}

function underWay(operations: readonly Operation["kind"][], { write, when }: Moment): Position["underWay"] {
  const isStart = write % 2 === 0;
  const kind = operations[Math.floor((write - 2) / 2)];
  if (kind === undefined || isStart !== (when === "after")) return null;
  return { kind, state: isStart ? "not done" : "done" };
}
