import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One series in what is scraped. */
export interface Scraped {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface StoredSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: [number, string][];
}

export interface FakePrometheus {
  /** Seconds; what it answers to time(). */
  now: () => number;
  scrape(all: readonly Scraped[], atSeconds?: number): void;
  /** What expressions answer, by their text: the numbers of their series. */
  readonly expressions: Map<string, readonly string[]>;
  /** Answers of another kind than it has, while this is given. */
  instead: ((query: string) => FakeAnswer | undefined) | null;
  readonly asked: { readonly query: string; readonly authorization: string | null; readonly url: URL }[];
  answer(url: URL, headers: Headers): FakeAnswer;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/** Instant queries as the documentation of the HTTP API has them, over what it was given. */
export function fakePrometheus(): FakePrometheus {
  const stored = new Map<string, StoredSeries>();
  const fake: FakePrometheus = {
    now: () => 1_000_000,
    expressions: new Map(),
    instead: null,
    asked: [],
    scrape: (all, atSeconds = fake.now()) => {
      for (const { name, labels, value } of all) {
        const key = JSON.stringify([name, Object.entries(labels).sort()]);
        const series = stored.get(key) ?? { name, labels, samples: [] };
        stored.set(key, series);
        series.samples.push([atSeconds, String(value)]);
      }
    },
    answer: (url, headers) => {
      const query = url.searchParams.get("query") ?? "";
      fake.asked.push({ query, authorization: headers.get("authorization"), url });
      const other = fake.instead?.(query);
      if (other !== undefined) return other;
      if (url.pathname === "/api/v1/labels") {
        const wanted = url.searchParams.get("match[]");
        const own = [...stored.values()].filter(({ name }) => name === wanted);
        return success([...new Set(own.flatMap(({ labels }) => ["__name__", ...Object.keys(labels)]))]);
      }
      if (url.pathname !== "/api/v1/query") return { status: 404, body: "404 page not found" };
      const at = Number(url.searchParams.get("time") ?? fake.now());
      try {
        return success(evaluate(query, at, [...stored.values()], fake.expressions));
      } catch (error) {
        return badData((error as Error).message);
      }
    },
  };
  return fake;
}

export function success(data: unknown, more: Record<string, unknown> = {}): FakeAnswer {
  return json(200, { status: "success", data, ...more });
}

function badData(error: string): FakeAnswer {
  return json(400, { status: "error", errorType: "bad_data", error });
}

function json(status: number, body: unknown): FakeAnswer {
  return { status, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** The fake at an address of its own. */
export async function served(
  answer: (url: URL, headers: Headers, body: string) => FakeAnswer,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const headers = new Headers(request.headers as Record<string, string>);
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      const { status, body, headers: sent = {} } = answer(url, headers, Buffer.concat(chunks).toString());
      response.writeHead(status, sent).end(body);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function evaluate(
  query: string,
  at: number,
  stored: readonly StoredSeries[],
  expressions: ReadonlyMap<string, readonly string[]>,
): unknown {
  if (query === "time()") return { resultType: "scalar", result: [at, String(at)] };
  const timed = /^timestamp\((.*)\n\)$/s.exec(query)?.[1];
  if (timed !== undefined) {
    if (expressions.has(timed)) return vector([{ metric: {}, value: [at, String(at)] }]);
    return vector(
      matching(timed, stored).flatMap(({ labels, samples }) =>
        until(samples, at, 300)
          .slice(-1)
          .map(([time]) => ({ metric: labels, value: [at, String(time)] })),
      ),
    );
  }
  const numbers = expressions.get(query);
  if (numbers !== undefined)
    return vector(numbers.map((value, index) => ({ metric: { n: String(index) }, value: [at, value] })));
  const last = /^last_over_time\((.*)\[1h\]\)$/s.exec(query)?.[1];
  const range = /^(.*)\[(\d+)s\]$/s.exec(query);
  if (last === undefined && range !== null) {
    const [, selector = "", seconds = ""] = range;
    const result = matching(selector, stored).flatMap(({ name, labels, samples }) => {
      const values = until(samples, at, Number(seconds));
      return values.length === 0 ? [] : [{ metric: { __name__: name, ...labels }, values }];
    });
    return { resultType: "matrix", result };
  }
  return vector(
    matching(last ?? query, stored).flatMap(({ name, labels, samples }) =>
      until(samples, at, last === undefined ? 300 : 3600)
        .slice(-1)
        .map(([, value]) => ({ metric: { __name__: name, ...labels }, value: [at, value] })),
    ),
  );
}

function vector(result: readonly unknown[]) {
  return { resultType: "vector", result };
}

function until(samples: StoredSeries["samples"], at: number, seconds: number): StoredSeries["samples"] {
  return samples.filter(([time]) => time <= at && time > at - seconds);
}

/** A selector and nothing else: whatever breaks out of a string is a mistake here too. */
function matching(selector: string, stored: readonly StoredSeries[]): StoredSeries[] {
  const parsed = /^(\w+)\{((?:\w+(?:=~|!~|!=|=)"(?:\\.|[^"\\\n])*",?)*)\}$/s.exec(selector);
  if (parsed === null) throw new Error(`invalid parameter "query": parse error in ${selector}`);
  const [, name = "", matchers = ""] = parsed;
  const all = [...matchers.matchAll(/(\w+)(=~|!~|!=|=)("(?:\\.|[^"\\])*")/g)].map(
    ([, label = "", operator = "", text = ""]) => {
      const wanted = JSON.parse(text) as string;
      const pattern = operator.endsWith("~") ? new RegExp(`^(?:${wanted})$`) : null;
      return (labels: StoredSeries["labels"]) => {
        const has = labels[label] ?? "";
        const isSo = pattern === null ? has === wanted : pattern.test(has);
        return operator.startsWith("!") ? !isSo : isSo;
      };
    },
  );
  return stored.filter((series) => series.name === name && all.every((matches) => matches(series.labels)));
}
