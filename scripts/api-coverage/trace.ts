/**
 * Preloaded into the corpus's runner (`node --import`): writes down which queries each case sent. The runner says on standard
 * error when a case has ended, and with one job at a time all that was sent before is that case's.
 */
import { writeFileSync } from "node:fs";
import http from "node:http";

const queriesOf: Record<string, string[]> = {};
let sent: string[] = [];

const request = http.request.bind(http) as (...args: unknown[]) => http.ClientRequest;
Object.assign(http, {
  request: (...args: unknown[]) => {
    const made = request(...args);
    const chunks: Buffer[] = [];
    const keep = (chunk: unknown) => {
      if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    };
    const write = made.write.bind(made) as (...words: unknown[]) => boolean;
    const end = made.end.bind(made) as (...words: unknown[]) => http.ClientRequest;
    Object.assign(made, {
      write: (...words: unknown[]) => (keep(words[0]), write(...words)),
      end: (...words: unknown[]) => (keep(words[0]), note(Buffer.concat(chunks).toString()), end(...words)),
    });
    return made;
  },
});

const bare = globalThis.fetch;
globalThis.fetch = (input, init) => {
  if (typeof init?.body === "string") note(init.body);
  return bare(input, init);
};

function note(body: string): void {
  if (!body.startsWith("{")) return;
  try {
    const { query } = JSON.parse(body) as { query?: unknown };
    if (typeof query === "string") sent.push(query);
  } catch {
    // What a case sends on purpose may be no JSON.
  }
}

const say = console.error.bind(console);
console.error = (...words: unknown[]) => {
  const [, name] = /^(.*) {2}\[\d+ ms\]\n/.exec(String(words[0])) ?? [];
  if (name !== undefined) {
    queriesOf[name] = sent;
    sent = [];
  }
  say(...words);
};

process.on("exit", () => {
  writeFileSync(process.env["FAIRWAY_TRACE_FILE"] ?? "", JSON.stringify(queriesOf));
});
