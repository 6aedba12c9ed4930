/**
 * OpenSSH's pattern list (PATTERNS in ssh_config(5)): `*` and `?`, and `!` for what is excluded whatever else matches.
 * Case counts, as it does there.
 */
export function matchesList(text: string, patterns: readonly string[]): boolean {
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(text, pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matches(text, pattern));
}

/** Without backtracking beyond the last star, so that no pattern takes long. */
function matches(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (pattern[next] === "*") {
      star = next++;
      resume = at;
    } else if (next < pattern.length && (pattern[next] === "?" || pattern[next] === text[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      next = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[next] === "*") next += 1;
  return next === pattern.length;
}
