import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";

/** What a script of ours runs: an exported function of (the server's URL, what else it gets), which answers JSON. */
export interface ScriptSource {
  /** Below this folder, without its ending. */
  readonly file: string;
  readonly exported: string;
}

/** The names of a step's variables in which a script finds the server, its input file and where its answer goes. */
export const scriptVariables = {
  url: "MEASURE_URL",
  input: "MEASURE_INPUT",
  answer: "MEASURE_ANSWER",
} as const;

/** The function as one script without imports, for a step that has Node and neither network nor our packages. */
export async function bundleScript(source: ScriptSource): Promise<string> {
  const { build } = await import("esbuild");
  const own = fileURLToPath(import.meta.url);
  const { outputFiles } = await build({
    stdin: { contents: entry(source, extname(own)), resolveDir: dirname(own), sourcefile: "entry.js" },
    ...{ bundle: true, write: false, platform: "node", target: "node22", format: "cjs", minify: true },
    // The halves of pg for C bindings, and for sockets of a runtime that is not Node.
    external: ["pg-native", "pg-cloudflare"],
    logLevel: "silent",
  });
  const script = outputFiles[0]?.text;
  if (script === undefined) throw new Error("esbuild answered no script");
  return script;
}

/** Apart from the function: a Dagger engine imports every file under src, and what is imported must not run by itself. */
function entry({ file, exported }: ScriptSource, ending: string): string {
  const variable = (name: keyof typeof scriptVariables) => `process.env.${scriptVariables[name]}`;
  return `
import { readFileSync, writeFileSync } from "node:fs";
import { ${exported} as run } from ${JSON.stringify(`./${file}${ending}`)};
const input = JSON.parse(readFileSync(${variable("input")}, "utf8"));
run(${variable("url")}, input).then(
  (answer) => { writeFileSync(${variable("answer")}, JSON.stringify(answer)); },
  (error) => { console.error(error?.message ?? error); process.exitCode = 1; },
);
`;
}
