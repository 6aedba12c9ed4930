import type { Clock } from "../model/clock.ts";

export interface IdleTimeout {
  readonly signal: AbortSignal;
  /** Something moved. */
  readonly touch: () => void;
  readonly clear: () => void;
}

/** Aborts when it is not touched for this long. */
export function idleTimeout(milliseconds: number): IdleTimeout {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(timeoutError(milliseconds));
  }, milliseconds);
  return {
    signal: controller.signal,
    touch: () => {
      timer.refresh();
    },
    clear: () => {
      clearTimeout(timer);
    },
  };
}

/** The result of the work, or a TimeoutError. */
export async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(timeoutError(milliseconds));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function timeoutError(milliseconds: number): Error {
  return new DOMException(`no answer for ${String(milliseconds / 1000)} seconds`, "TimeoutError");
}

/** Seconds or a date; undefined where it stands not. */
export function retryAfterMs(response: Response, clock: Clock): number | undefined {
  const header = response.headers.get("retry-after");
  if (header === null) return undefined;
  const milliseconds = /^\d+$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - clock.now().getTime();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
