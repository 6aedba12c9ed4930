/**
 * What somebody else was found to have set while this deploy was on its way. It stays until a new plan says that it is replaced:
 * the way back does not take it for what it has to undo.
 */
export interface ForeignImages {
  add(service: string, image: string | null): void;
  has(service: string, image: string | null): boolean;
}

export function foreignImages(): ForeignImages {
  const found = new Set<string>();
  const key = (service: string, image: string | null) => `${service} ${image ?? ""}`;
  return {
    add: (service, image) => void found.add(key(service, image)),
    has: (service, image) => found.has(key(service, image)),
  };
}
