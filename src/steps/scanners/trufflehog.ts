import { z } from "zod";
import { readReport } from "../../findings/findings.ts";
import type { Scanner } from "./scanner.ts";
import { agreedReportOf, askedOn, inRepository } from "./tool-step.ts";

/** Keys and tokens in files; whoever issued one is asked whether it works. */
export const trufflehog: Scanner = {
  finds: "keys and tokens in files, and whether they work, by TruffleHog",
  image: ({ images }) => images.trufflehog,
  scan: async ({ dag, source, project: { images }, day }) => {
    const argv = [
      ...["trufflehog", "filesystem", ".", "--json", "--no-update"],
      // Else a file that it could not read is a line of its log, and its end a good one.
      ...["--results=verified,unverified,unknown", "--fail-on-scan-errors"],
    ];
    const container = askedOn(inRepository(dag.container().from(images.trufflehog), source), day);
    const tool = { argv, found: 1, isSecret: true, complaints };
    return agreedReportOf(container, tool, (text) => readReport("trufflehog", text));
  },
};

const logged = z.object({ level: z.string(), msg: z.string(), errors: z.array(z.string()).optional() });

/** Its log: a line of JSON each. */
function complaints(said: string): string[] {
  return said.split("\n").flatMap((line) => {
    const { data } = logged.safeParse(parsed(line));
    if (data === undefined || !/^(error|fatal|panic)$/.test(data.level)) return [];
    return data.errors ?? [data.msg];
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
