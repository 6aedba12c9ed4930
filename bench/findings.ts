import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { once, sarifOf } from "./findings-once.ts";
import { paired, type Paired } from "./paired.ts";

const results = 50_000;

/** A huge report read, merged, judged and written as SARIF, over only parsing and printing the same text as JSON. */
export async function findings(): Promise<Paired[]> {
  const text = sarifOf(results);
  const { stdout } = spawnSync(process.execPath, [
    join(import.meta.dirname, "findings-once.ts"),
    String(results),
  ]);
  process.stderr.write(
    `${String(results)} results, in a process of their own, the first time: ${String(stdout)}\n`,
  );
  return [
    await paired(
      `${String(results)} results of SARIF read, merged, judged and written, over JSON.parse and JSON.stringify`,
      ["findings", async () => void (await once(text))],
      ["JSON", () => Promise.resolve(void JSON.stringify(JSON.parse(text)))],
      5,
    ),
  ];
}
