/** Whether a timeout is set to more than nothing: `0` is no limit. */
export function hasLimit(settings: ReadonlyMap<string, string>, name: string): boolean {
  const value = settings.get(name);
  return value !== undefined && !/^\s*0\D*$/.test(value);
}
