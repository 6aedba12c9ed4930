import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { image, testEngine, type TestEngine } from "./support/engine.ts";

interface Sample {
  readonly about: string;
  readonly exchanges: readonly {
    readonly request: {
      readonly headers: { readonly authorization?: string };
      readonly body: Record<string, unknown>;
    };
    readonly response: {
      readonly status: number;
      readonly headers: { readonly "content-type"?: string };
      readonly body: unknown;
    };
  }[];
}

const folder = new URL("../conformance/corpus/wire/", import.meta.url);
const samples = await Promise.all(
  (await readdir(folder))
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map(async (name) => JSON.parse(await readFile(new URL(name, folder), "utf8")) as Sample),
);

let engine: TestEngine;
let scratch: string;
beforeAll(async () => {
  engine = await testEngine();
  scratch = await mkdtemp(join(tmpdir(), "fairway-wire-"));
  await writeFile(join(scratch, "f"), "F");
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

describe("what the client sends over the wire", () => {
  for (const { about, exchanges } of samples) {
    it(`is answered as the real engine answers it: ${about}`, async () => {
      const ids = new Map<string, string>();
      for (const { request, response } of exchanges) {
        const answer = await ask(request, ids);
        expect(answer.status).toBe(response.status);
        if (response.status === 401) continue;
        expect(answer.type).toBe(response.headers["content-type"]);
        learnIds(response.body, answer.body, ids);
        expect(shape(answer.body)).toEqual(shape(translated(response.body, ids)));
      }
    });
  }
});

async function ask(request: Sample["exchanges"][number]["request"], ids: ReadonlyMap<string, string>) {
  const { port, token } = engine.session;
  const authorization = `Basic ${Buffer.from(`${token}:`).toString("base64")}`;
  const answer = await fetch(`http://127.0.0.1:${String(port)}/query`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(request.headers.authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify(translated(request.body, ids)),
  });
  const text = await answer.text();
  const body: unknown = answer.status === 401 ? text : JSON.parse(text);
  return { status: answer.status, type: answer.headers.get("content-type"), body };
}

/** With our own ids, image and folder in the place of the recorded ones. */
function translated(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  let text = JSON.stringify(value).replaceAll("<IMAGE_DEBIAN>", image).replaceAll("<TMP>", scratch);
  for (const [recorded, own] of ids) text = text.replaceAll(recorded, own);
  return JSON.parse(text);
}

/** Ids are opaque: where the recorded answer has one, ours has another. */
function learnIds(recorded: unknown, own: unknown, ids: Map<string, string>): void {
  if (typeof recorded === "string" && typeof own === "string") {
    if (/^E[A-Za-z0-9+/]{11,}={0,2}$/.test(recorded)) ids.set(recorded, own);
  } else if (typeof recorded === "object" && typeof own === "object" && recorded !== null && own !== null) {
    for (const [key, each] of Object.entries(recorded))
      learnIds(each, (own as Record<string, unknown>)[key], ids);
  }
}

/** The words of errors are the corpus's affair; where in the query one is told depends on when it was found out. */
function shape(body: unknown): unknown {
  const { errors, ...rest } = body as { errors?: readonly Record<string, unknown>[] };
  if (errors === undefined) return rest;
  return {
    ...rest,
    errors: errors.map(({ message, path, locations, ...error }) => ({
      ...error,
      // The column depends on how long the image's name is.
      ...(Array.isArray(locations) ? { lines: locations.map(({ line }: { line: number }) => line) } : {}),
      message: typeof message,
      ...(Array.isArray(path) ? { path: path[0] as unknown } : {}),
    })),
  };
}
