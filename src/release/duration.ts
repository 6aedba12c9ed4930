/** As people say it in a plan: `90 s`, `15 min`. */
export function duration(seconds: number): string {
  return seconds < 120 ? `${String(seconds)} s` : `${String(Math.round(seconds / 60))} min`;
}
