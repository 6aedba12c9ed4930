/** `count` people of a group. */
export interface GroupNeed {
  readonly group: string;
  readonly count: number;
}

/** Each group once, with the largest number that anything asks of it. */
export function mergedNeeds(needs: readonly GroupNeed[]): readonly GroupNeed[] {
  const counts = new Map<string, number>();
  for (const { group, count } of needs) counts.set(group, Math.max(count, counts.get(group) ?? 0));
  return [...counts].map(([group, count]) => ({ group, count }));
}

/**
 * Gives as many group seats as possible to people, one seat a person, so that one member of two groups does not
 * answer for both (maximum matching, by augmenting paths).
 * @returns for each person the group whose seat is theirs, or null
 */
export function seatPeople(
  groupsOf: readonly (readonly string[])[],
  needs: readonly GroupNeed[],
): readonly (string | null)[] {
  const seats = needs.flatMap(({ group, count }) => Array.from({ length: count }, () => group));
  const holders = new Map<number, number>();
  const takeSeat = (person: number, tried: Set<number>): boolean =>
    seats.some((group, seat) => {
      if (tried.has(seat) || !groupsOf[person]!.includes(group)) return false;
      tried.add(seat);
      const holder = holders.get(seat);
      if (holder !== undefined && !takeSeat(holder, tried)) return false;
      holders.set(seat, person);
      return true;
    });
  groupsOf.forEach((_, person) => takeSeat(person, new Set()));
  const seatOf = new Map([...holders].map(([seat, person]) => [person, seats[seat]!]));
  return groupsOf.map((_, person) => seatOf.get(person) ?? null);
}
