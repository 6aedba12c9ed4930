export type { Estimate } from "./extrapolate.ts";
export { forecastLocks, type Forecast, type RealSizes } from "./forecast.ts";
export type { Growth } from "./growth.ts";
export { liveTableSizes } from "./live-sizes.ts";
export type * from "./measured.ts";
export { type MeasureOptions, measureLocks } from "./step.ts";
export { type LockForecast, lockForecast, locksEvidence } from "./lock-forecast.ts";
export { heldText, measuredLocksText, spanText } from "./text.ts";
export { forecastTransactions, type HeldLock, type Span, type TransactionForecast } from "./transactions.ts";
