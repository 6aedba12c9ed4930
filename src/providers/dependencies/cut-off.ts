/** Calls `cut` when the signal is aborted, also where it is already. @returns what takes that back */
export function cutOff(signal: AbortSignal, cut: () => void): () => void {
  if (signal.aborted) cut();
  else signal.addEventListener("abort", cut, { once: true });
  return () => {
    signal.removeEventListener("abort", cut);
  };
}
