import { expect, it } from "vitest";
import { loadConfig, validateConfig } from "../../../src/config/config.ts";
import { outputOf } from "./output-of.ts";

const prometheus = { url: "https://prometheus.example" };

function config(metrics: unknown, limits: unknown[] = [{ errorRate: { maxIncreasePoints: 1 } }]) {
  return {
    name: "shop",
    services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
    environments: { local: { target: "local", strategy: { canary: { limits } }, metrics } },
  };
}

it("a Prometheus is its address, and all else has defaults", () => {
  const { environments } = validateConfig(
    config({ figures: { prometheus } }, [{ latency: { maxIncreasePercent: 20, source: "figures" } }]),
    "fairway.yaml",
  );
  expect(environments["local"]?.metrics).toEqual({
    figures: {
      prometheus: { ...prometheus, headers: {}, values: {}, windowSeconds: 60, maxAgeSeconds: 120 },
    },
  });
});

it("every limit has a source that there is, and that has its figure", () => {
  const output = outputOf(
    config(
      {
        figures: { prometheus: { ...prometheus, values: { queue: 'queue{version="${version}"}' } } },
        web: { web: { url: "https://orders.example/${version}", values: { orders: "/orders" } } },
      },
      [
        { errorRate: { maxIncreasePoints: 1, source: "figure" } },
        { value: { name: "queues", better: "lower", worst: 10, source: "figures" } },
        { latency: { maxMilliseconds: 100, source: "web" } },
        { errorRate: { maxPercent: 1, source: "web" } },
      ],
    ),
  );
  expect(output).toContain("did you mean figures?");
  expect(output).toContain("figures has no value queues; did you mean queue?");
  expect(output).toContain("web has single numbers: judge one of them as a value");
  expect(output).toContain("web does not say where its counters are: errorRate");
});

it("what compares two versions asks for one of them", () => {
  const metrics = {
    figures: {
      prometheus: {
        ...prometheus,
        errorRate: { events: 'e{version="${version}"}', total: "t" },
        values: { queue: "queue" },
      },
    },
    web: { web: { url: "https://orders.example", values: { orders: "/orders" } } },
  };
  const limits = (bound: object) => [
    { value: { name: "queue", better: "lower", ...bound, source: "figures" } },
    { value: { name: "orders", better: "higher", ...bound, source: "web" } },
  ];
  const output = outputOf(
    config(metrics, [
      { errorRate: { maxIncreasePoints: 1, source: "figures" } },
      ...limits({ maxWorsePercent: 5 }),
    ]),
  );
  for (const place of [
    "metrics.figures.prometheus.errorRate.total",
    "metrics.figures.prometheus.values.queue",
    "metrics.web.web.url",
  ])
    expect(output).toMatch(new RegExp(`${place}.*must have \\$\\{version\\}`));
  expect(output).not.toContain("errorRate.events");
  validateConfig(config(metrics, limits({ worst: 5 })), "fairway.yaml");
});

it("requests are those of one version, also where they are compared with a number", () => {
  const metrics = { figures: { prometheus: { ...prometheus, errorRate: { events: "e", total: "t" } } } };
  const output = outputOf(config(metrics, [{ errorRate: { maxPercent: 1, source: "figures" } }]));
  expect(output).toMatch(/errorRate.events.*must have \$\{version\}/);
  expect(output).toMatch(/errorRate.total.*must have \$\{version\}/);
});

it("a version stands where it can only be a value", () => {
  const asked = (query: string) =>
    outputOf(config({ figures: { prometheus: { ...prometheus, values: { queue: query } } } }));
  const unsafe = 'must have ${service} and ${version} inside "quotes" only';
  expect(asked("queue{version=${version}}")).toContain(unsafe);
  expect(asked("queue{version=`${version}`}")).toContain(unsafe);
  expect(asked('queue{version="a"} + ${version} + x{y="b"}')).toContain(unsafe);
  expect(asked('queue{version="${release}"}')).toContain(
    "has no ${release}: ${service}, ${version}, ${window}",
  );
  const web = (url: string, more: object = {}) => outputOf(config({ orders: { web: { url, ...more } } }));
  expect(web("https://${service}.example/")).toContain("in the path or in the query only");
  expect(web("https://orders.example/${branch}")).toContain("has no ${branch}");
  expect(web("https://orders.example/", { values: { orders: "orders" } })).toContain(
    "must be a JSON pointer",
  );
  expect(web("https://orders.example/", { body: "{}" })).toContain("must be JSON, with method: POST");
});

it("secrets are names, and cross no network in the clear", () => {
  const at = (source: object) => outputOf(config({ figures: source }));
  const clear = "a token does not cross a network in the clear";
  expect(at({ prometheus: { url: "http://prometheus.example", token: "TOKEN" } })).toContain(clear);
  expect(at({ web: { url: "http://orders.example/${version}", token: "TOKEN" } })).toContain(clear);
  expect(at({ prometheus: { ...prometheus, headers: { Authorization: "Bearer x" } } })).toContain(
    "name a secret under token",
  );
  const basicAuth = { username: "ada", password: "PASSWORD" };
  expect(at({ prometheus: { ...prometheus, token: "TOKEN", basicAuth } })).toContain("beside token");
  expect(at({ prometheus: { url: "https://ada:word@prometheus.example" } })).toContain(
    "no user name or token",
  );
});

it("a source that nobody has is only warned of", () => {
  const warnings: string[] = [];
  loadConfig(JSON.stringify(config({ figures: { prometheus } })), "fairway.yaml", {
    onWarning: (warning) => warnings.push(warning),
  });
  expect(warnings.join("\n")).toMatch(/metrics\.figures.*no limit has this source/);
});
