export type { Estimate } from "./extrapolate.ts";
export { faredOn, forecastLocks, type Forecast, type RealSizes } from "./forecast.ts";
export type { Growth } from "./growth.ts";
export { liveTableSizes } from "./live-sizes.ts";
export type * from "./measured.ts";
export { type MeasureOptions, measureLocks } from "./step.ts";
export { type LockForecast, againstLimit, lockForecast, locksEvidence } from "./lock-forecast.ts";
export {
  estimateText,
  heldText,
  measuredLocksText,
  reasonsOf,
  rangeText,
  spanText,
  tableLocks,
} from "./text.ts";
export {
  forecastTransactions,
  leastOf,
  type HeldLock,
  type Span,
  type TransactionForecast,
} from "./transactions.ts";
export { bytesText, countText, durationText } from "./units.ts";
