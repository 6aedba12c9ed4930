import { usageError } from "../../model/errors.ts";
import type { FunctionCall } from "../commands/invocation.ts";
import { kebabCase } from "../commands/words.ts";
import type { Manifest, TypeReference } from "../module/manifest.ts";
import { callChain, isChainable } from "./chain.ts";
import type { ValueContext } from "./values.ts";

/** What a function's answer looks like on stdout: text as it is, lists line by line, objects as what they are. */
export async function answerText(
  result: unknown,
  returns: TypeReference,
  call: FunctionCall,
  manifest: Manifest,
  context: ValueContext,
): Promise<string> {
  if (call.chain.length > 0) {
    if (!isChainable(result, returns)) throw nothingToChain(call);
    return print(await callChain(result, returns, call.chain, manifest, context), call.options.json);
  }
  return print(result, call.options.json && !("format" in call.values));
}

async function print(result: unknown, json: boolean): Promise<string> {
  const value = await settled(result);
  if (value === undefined || value === null) return "";
  if (json) return `${JSON.stringify(value, null, 2)}\n`;
  if (typeof value === "string") return value === "" || value.endsWith("\n") ? value : `${value}\n`;
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) {
    return value.map((item) => `${String(item)}\n`).join("");
  }
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** An object of the engine is made, and named as Dagger names it; it is of use in a chain. */
async function settled(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(settled));
  if (!isEngineObject(value)) return value;
  if (typeof value.sync === "function") await value.sync();
  const id = await value.id();
  return `${value.constructor.name}@${id.length > 40 ? `${id.slice(0, 37)}...` : id}`;
}

function isEngineObject(value: unknown): value is { id(): Promise<string>; sync?: () => Promise<unknown> } {
  return typeof value === "object" && value !== null && typeof (value as { id?: unknown }).id === "function";
}

function nothingToChain(call: FunctionCall): Error {
  const name = kebabCase(call.definition.name);
  return usageError(`${name} takes no further words: ${call.chain.join(" ")}`, {
    code: "WORDS_LEFT",
    remedy: `npx fairway ${name} --help`,
  });
}
