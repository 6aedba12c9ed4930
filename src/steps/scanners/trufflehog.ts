import { readReport } from "../../findings/findings.ts";
import type { Scanner } from "./scanner.ts";
import { askedOn, inRepository, reportOf } from "./tool-step.ts";

/** Keys and tokens in files; whoever issued one is asked whether it works. */
export const trufflehog: Scanner = {
  finds: "keys and tokens in files, and whether they work, by TruffleHog",
  image: ({ images }) => images.trufflehog,
  scan: async ({ dag, source, project: { images }, day }) => {
    const argv = [
      ...["trufflehog", "filesystem", ".", "--json", "--no-update"],
      "--results=verified,unverified,unknown",
    ];
    const container = askedOn(inRepository(dag.container().from(images.trufflehog), source), day);
    return readReport("trufflehog", await reportOf(container, { argv }));
  },
};
