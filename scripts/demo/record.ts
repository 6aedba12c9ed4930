import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { terminalSvg, type PrintedLine } from "./recording/svg.ts";

const demo = fileURLToPath(new URL("demo.ts", import.meta.url));
const picture = fileURLToPath(new URL("../../docs/media/demo.svg", import.meta.url));

/** `node scripts/demo/record.ts`: tells the story once more, and keeps what it printed as docs/media/demo.svg. */
async function record(): Promise<void> {
  const lines: PrintedLine[] = [];
  const started = performance.now();
  const run = execa(process.execPath, [demo], {
    env: { FORCE_COLOR: "1" },
    stdin: "ignore",
    all: true,
    buffer: false,
    reject: false,
  });
  for await (const text of createInterface({ input: run.all })) {
    console.log(text);
    lines.push({ atSeconds: (performance.now() - started) / 1_000, text: withoutPlaces(text) });
  }
  const { exitCode } = await run;
  if (exitCode !== 0) throw new Error("the demo failed: there is nothing to show");
  const title = "npm run demo";
  await mkdir(dirname(picture), { recursive: true });
  await writeFile(picture, terminalSvg(lines, { title, columns: 112, rows: 32, longestPauseSeconds: 0.25 }));
}

/** The temporary directory of one run says nothing to a reader. */
function withoutPlaces(text: string): string {
  return text.replaceAll(/\S*\/fairway-demo-\w+\/shop/g, "~/shop");
}

await record();
