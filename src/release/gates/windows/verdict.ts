/** One thing that keeps deploys from starting. */
export type Closure =
  | {
      readonly kind: "freeze";
      /** Its place in `freezes`. */
      readonly index: number;
      /** The freeze as people read it: `last week of each quarter, Europe/Berlin`. */
      readonly rule: string;
      readonly reason: string;
    }
  | { readonly kind: "outside"; readonly reason: "outside of the change window" };

/** Whether a deploy may start. */
export type WindowsVerdict =
  | {
      readonly open: true;
      /** The next instant at which none may start any more; null when there is none in sight. */
      readonly closesAt: Date | null;
      /** What will be in the way at `closesAt`. */
      readonly closing: readonly Closure[];
      /** The zone by whose clocks `closesAt` is told. */
      readonly zone: string;
    }
  | {
      readonly open: false;
      /** All that is in the way: the freezes in their order, then that no window is open. Never empty. */
      readonly closedBy: readonly Closure[];
      /** The next instant that is inside of a window and outside of every freeze; null when there is none in sight. */
      readonly opensAt: Date | null;
      /** The zone by whose clocks `opensAt` is told. */
      readonly zone: string;
    };

/** How many days ahead an opening or a closing is looked for. */
export const daysAhead = 400;
