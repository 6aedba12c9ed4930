/** `0.4 ms`, `12 ms`, `3.2 s`, `4.0 min`, `2.5 h` */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds >= 3600) return `${(seconds / 3600).toFixed(1)} h`;
  if (seconds >= 90) return `${(seconds / 60).toFixed(1)} min`;
  if (seconds >= 1) return `${seconds.toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

/** `312 B`, `4.1 kB`, `6.8 GB`: powers of ten */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const at = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), units.length - 1);
  return `${(bytes / 1000 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at] ?? ""}`;
}

export function countText(count: number): string {
  return count.toLocaleString("en-US");
}
