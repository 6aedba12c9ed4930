/** How this release behaves. Each of the demo's commits changes it, as code would. */
export const behaviour = {
  /** What an answer takes, give or take a fifth. */
  milliseconds: 250,
  /** Percent of the answers that are a 500. */
  errorPercent: 0,
  /** For so long after the first customer the books balance. */
  soundSeconds: Infinity,
};
