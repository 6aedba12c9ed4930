/** One way of authorization that a server offers in WWW-Authenticate (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** Lower case: `basic`, `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads all the challenges of a WWW-Authenticate header; what it cannot read ends the list. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header.trim();
  while (rest !== "") {
    const parameter = /^([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*,?\s*/.exec(rest);
    const scheme = parameter === null ? /^([\w!#$%&'*+.^`|~-]+)(?:\s+|,\s*|$)/.exec(rest) : null;
    const current = challenges.at(-1);
    if (parameter !== null && current !== undefined) {
      current.parameters[(parameter[1] ?? "").toLowerCase()] =
        parameter[2]?.replace(/\\(.)/g, "$1") ?? parameter[3] ?? "";
      rest = rest.slice(parameter[0].length);
    } else if (scheme !== null) {
      challenges.push({ scheme: (scheme[1] ?? "").toLowerCase(), parameters: {} });
      rest = rest.slice(scheme[0].length);
    } else break;
  }
  return challenges;
}
