import { createHash } from "node:crypto";
import type { Manifest, TypeReference } from "../module/manifest.ts";
import { isCoreObject, isObjectState, type ObjectState } from "./state.ts";

/**
 * What an answer looks like on stdout: text as it is, lists line by line, an enum by its member's name, nothing for
 * nothing. An object is named, as Dagger names it, with --json too: its fields are functions to chain.
 */
export async function printed(
  value: unknown,
  type: TypeReference,
  manifest: Manifest,
  json: boolean,
): Promise<string> {
  if (value === undefined || value === null || type.kind === "void") return "";
  const objects = await namedObjects(value, manifest, "");
  if (objects !== undefined) return objects;
  const plain = membersOf(value, type, manifest);
  if (json) return `${JSON.stringify(plain, null, 2)}\n`;
  if (Array.isArray(plain)) return plain.map((item) => `${textOf(item)}\n`).join("");
  const text = textOf(plain);
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `- Ship@...` for each of a list; undefined for what is no object. */
async function namedObjects(value: unknown, manifest: Manifest, mark: string): Promise<string | undefined> {
  if (Array.isArray(value)) {
    const items = await Promise.all(value.map((item) => namedObjects(item, manifest, `${mark}- `)));
    const found = items.filter((item) => item !== undefined);
    return found.length === 0 ? undefined : found.join("");
  }
  if (isObjectState(value)) return `${mark}${nameInApi(value, manifest)}@${await digestOf(value)}\n`;
  if (!isCoreObject(value)) return undefined;
  // It is made, so that what is wrong with it shows.
  if (typeof value.sync === "function") await value.sync();
  return `${mark}${value.constructor.name}@${sha256(await value.id())}\n`;
}

/** `FairwayDeployment`: the module's name stands before those of its classes. */
function nameInApi({ object }: ObjectState, { main }: Manifest): string {
  return object.startsWith(main) ? object : `${main}${object}`;
}

/** Of the state, with the ids of the engine's objects in it. */
async function digestOf(state: ObjectState): Promise<string> {
  return sha256(JSON.stringify(await withIds(state)));
}

async function withIds(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(withIds));
  if (isCoreObject(value)) return value.id();
  if (!isObjectState(value)) return value;
  const fields = Object.entries(value.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    value.object,
    ...(await Promise.all(fields.map(async ([name, held]) => [name, await withIds(held)]))),
  ];
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** An enum's value leaves a module as the name of its member. */
function membersOf(value: unknown, type: TypeReference, manifest: Manifest): unknown {
  if (type.kind === "list" && Array.isArray(value))
    return value.map((item) => membersOf(item, type.of, manifest));
  if (type.kind !== "enum") return value;
  return manifest.enums[type.name]?.members.find((member) => member.value === value)?.name ?? value;
}
