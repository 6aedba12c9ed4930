import type { RequestListener } from "node:http";

export interface FakeCratesIndex {
  /** It cuts every connection. */
  isSilent: boolean;
  readonly answer: RequestListener;
}

/** Of crates by name, the versions that were published, and whether each was yanked. */
export type Published = Readonly<Record<string, Readonly<Record<string, "published" | "yanked">>>>;

/** As index.crates.io has it: https://doc.rust-lang.org/cargo/reference/registry-index.html */
export function fakeCratesIndex(published: Published): FakeCratesIndex {
  const index: FakeCratesIndex = {
    isSilent: false,
    answer: (request, response) => {
      const name = (request.url ?? "").split("/").at(-1) ?? "";
      const versions = published[name];
      if (index.isSilent) response.destroy();
      else if (versions === undefined) response.writeHead(404).end();
      else response.end(Object.entries(versions).map(line(name)).join(""));
    },
  };
  return index;
}

function line(name: string) {
  return ([vers, state]: readonly [string, string]) => {
    const entry = { name, vers, deps: [], cksum: "0".repeat(64), features: {}, yanked: state === "yanked" };
    return `${JSON.stringify(entry)}\n`;
  };
}
