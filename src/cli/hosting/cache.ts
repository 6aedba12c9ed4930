import { createHash, randomBytes, scryptSync } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, type Json } from "../../model/canonical-json.ts";
import type { Clock } from "../../model/clock.ts";
import { secretSpellings } from "../../model/secret-spellings.ts";
import type { LayerStore } from "../../host/layers/layers.ts";
import type { CachePolicy } from "./policy.ts";
import { isCoreObject, isObjectState, revived, type CoreObject } from "./state.ts";

export interface CacheContext {
  readonly store: Pick<LayerStore, "root" | "readRecord" | "writeRecord">;
  readonly clock: Clock;
  /** Says that an answer is not new. */
  readonly note: (text: string) => void;
}

export interface CachedCall {
  /** `Yard.draw`, for people. */
  readonly name: string;
  readonly policy: CachePolicy;
  /** The module's content and the function. */
  readonly code: readonly string[];
  /** The object's state and the arguments. */
  readonly inputs: readonly unknown[];
}

/** Answers of functions, as long as their policy says. */
export interface FunctionCache {
  answer(call: CachedCall, run: () => Promise<unknown>): Promise<unknown>;
}

/**
 * Keeps answers as the engine does, so that a `never` that was forgotten shows here too: by the module's content, the
 * function, its object's state and its arguments. An object of the engine does not outlive its session here: an answer
 * that holds one is not kept, and a call that is given one whose content cannot be told (a Container, a Service) is not
 * looked up; a real engine does both. What a secret was told with is not kept where the secret is in it.
 */
export function functionCache({ store, clock, note }: CacheContext): FunctionCache {
  const session = new Map<string, Promise<unknown>>();
  const kept = async (
    key: string,
    forMs: number,
    call: CachedCall,
    secrets: readonly string[],
    run: () => Promise<unknown>,
  ) => {
    const nowMs = clock.now().getTime();
    const record = readable(await store.readRecord(key).catch(() => undefined));
    if (record !== undefined && record.atMs <= nowMs && nowMs < record.atMs + forMs) {
      note(
        `${call.name}: the answer of ${ageText(nowMs - record.atMs)} ago, from the cache; for a new one each time: @func({ cache: "never" })`,
      );
      return revived(record.value);
    }
    const value = await run();
    const text = JSON.stringify(value ?? null);
    const leaks = secrets.some((secret) => secretSpellings(secret).some((form) => text.includes(form.text)));
    if (!holdsCore(value) && !leaks)
      await store.writeRecord(key, { schema: 1, atMs: nowMs, value: value ?? null });
    return value;
  };
  return {
    answer: async (call, run) => {
      const { policy } = call;
      if (policy === "never") return run();
      const secrets: string[] = [];
      const content = await contentOf(call.inputs, store.root, secrets);
      if (content === undefined) return run();
      const key = `function:${sha256(canonicalJson([...call.code, content]))}`;
      const known = session.get(key);
      if (known !== undefined) return known;
      const made = policy === "session" ? run() : kept(key, policy.forMs, call, secrets, run);
      session.set(key, made);
      // A failure is not remembered.
      made.catch(() => session.delete(key));
      return made;
    },
  };
}

interface KeptAnswer {
  readonly atMs: number;
  readonly value: unknown;
}

/** What is damaged is as if it were not there. */
function readable(record: unknown): KeptAnswer | undefined {
  if (typeof record !== "object" || record === null) return undefined;
  const { schema, atMs, value } = record as { schema?: unknown; atMs?: unknown; value?: unknown };
  return schema === 1 && typeof atMs === "number" && "value" in record ? { atMs, value } : undefined;
}

function holdsCore(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsCore);
  if (isObjectState(value)) return Object.values(value.fields).some(holdsCore);
  return isCoreObject(value);
}

/** What a value is made of; undefined where that cannot be told. */
async function contentOf(value: unknown, root: string, secrets: string[]): Promise<Json | undefined> {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) {
    const items = await Promise.all(value.map((item) => contentOf(item, root, secrets)));
    return items.some((item) => item === undefined) ? undefined : (items as Json[]);
  }
  if (isObjectState(value)) {
    const entries = Object.entries(value.fields).sort(([a], [b]) => (a < b ? -1 : 1));
    const fields = await contentOf(
      entries.map(([, held]) => held),
      root,
      secrets,
    );
    return fields === undefined ? undefined : [value.object, entries.map(([name]) => name), fields];
  }
  if (isCoreObject(value)) return coreContent(value, root, secrets);
  return ["value", JSON.parse(JSON.stringify(value)) as Json];
}

async function coreContent(object: CoreObject, root: string, secrets: string[]): Promise<Json | undefined> {
  const type = object.constructor.name;
  const told = object as unknown as { digest(): Promise<string>; plaintext(): Promise<string> };
  if (type === "Directory" || type === "File") return [type, await told.digest()];
  if (type === "CacheVolume") return [type, await object.id()];
  if (type !== "Secret") return undefined;
  const text = await told.plaintext();
  secrets.push(text);
  // Slow, and salted with what only this user can read: nobody finds a short secret by trying.
  return [type, scryptSync(text, await saltOf(root), 32).toString("hex")];
}

async function saltOf(root: string): Promise<Buffer> {
  const file = join(root, "function-salt");
  const there = await readFile(file).catch(() => undefined);
  if (there?.length === 32) return there;
  if (there !== undefined) await rm(file, { force: true });
  const draft = `${file}.${String(process.pid)}`;
  await writeFile(draft, randomBytes(32), { mode: 0o600 });
  // Whoever is first gives the salt to all.
  await link(draft, file).catch(() => undefined);
  await rm(draft, { force: true });
  return readFile(file);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function ageText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${String(seconds)} s`;
  if (seconds < 7200) return `${String(Math.round(seconds / 60))} min`;
  return seconds < 172_800
    ? `${String(Math.round(seconds / 3600))} h`
    : `${String(Math.round(seconds / 86_400))} days`;
}
