import type { Container } from "@dagger.io/dagger";
import { bundleScript, scriptVariables, type ScriptSource } from "./bundle.ts";

/**
 * Runs a script of ours in a container that has Node and the server's URL in the variable of scriptVariables.
 * @returns what the script answered, as JSON text
 */
export async function runScript(container: Container, source: ScriptSource, input: unknown): Promise<string> {
  return container
    .withNewFile(scriptFile, await bundleScript(source))
    .withNewFile(inputFile, JSON.stringify(input))
    .withEnvVariable(scriptVariables.input, inputFile)
    .withEnvVariable(scriptVariables.answer, answerFile)
    .withExec(["node", scriptFile])
    .file(answerFile)
    .contents();
}

const scriptFile = "/fairway/measure.cjs";
const inputFile = "/fairway/measure-input.json";
const answerFile = "/tmp/fairway-measured.json";
