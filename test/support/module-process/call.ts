// Calls one function of the built module as an engine's runtime does: a session, the source, the secrets, and no host.
import { connection, dag } from "@dagger.io/dagger";
import type * as Module from "../../../src/module.ts";

// The built one, as it is packed; the types are there before anything is built.
const built = new URL("../../../dist/module.js", import.meta.url).href;
const { Fairway } = (await import(built)) as typeof Module;

const [repository, secrets, name, ...values] = process.argv.slice(2) as [string, string, string, ...string[]];

/** A JSON value as it is, `file:PATH` as the engine's File. */
function valueOf(text: string): unknown {
  return text.startsWith("file:") ? dag.host().file(text.slice("file:".length)) : JSON.parse(text);
}

await connection(async () => {
  const source = dag
    .host()
    .directory(repository, { exclude: ["**/node_modules", "**/.fairway", "**/.turbo"] });
  const module = new Fairway(source, dag.secret(`file://${secrets}`)) as unknown as Record<
    string,
    (...values: unknown[]) => Promise<string>
  >;
  try {
    process.stdout.write(`${String(await module[name]?.(...values.map(valueOf)))}\n`);
  } catch (error) {
    // As the engine's runtime hands it on: the exit code and the words are the error's own.
    const { message, extensions } = error as Error & { extensions?: { exitCode: number; stderr: string } };
    process.stderr.write(`${message}\n${extensions?.stderr ?? String((error as Error).stack)}\n`);
    process.exitCode = extensions?.exitCode ?? 70;
  }
});
