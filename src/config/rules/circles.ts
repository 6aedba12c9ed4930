/**
 * Circles among names that need each other, each once, from its first name on: `["a", "b", "a"]`. One that needs only itself is none.
 */
export function circlesAmong(
  names: readonly string[],
  needsOf: (name: string) => readonly string[],
): readonly (readonly string[])[] {
  const circles: (readonly string[])[] = [];
  const settled = new Set<string>();
  const walk = (name: string, trail: readonly string[]) => {
    const start = trail.indexOf(name);
    if (start >= 0) {
      const circle = [...trail.slice(start), name];
      if (circle.length > 2) circles.push(circle);
      return;
    }
    if (settled.has(name)) return;
    for (const need of needsOf(name)) walk(need, [...trail, name]);
    settled.add(name);
  };
  for (const name of names) walk(name, []);
  return circles;
}
