import { expect, it } from "vitest";
import { knownSecretNames } from "../../src/delivery/secret-names.ts";
import { metricsFor, noteUnreadable, requireMetricSecrets } from "../../src/delivery/metrics.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { silentProgress } from "../../src/model/progress.ts";
import { memoryLedger, releaseOf, simulatedTarget, virtualClock } from "../../src/testing/testing.ts";
import { failureOf } from "../support/failure-of.ts";
import { fakeDelivery } from "../support/fake-delivery.ts";
import { fakePrometheus, served } from "../support/fake-prometheus.ts";

const { signal } = new AbortController();

function deliveryWith(url: string, document: string | null): { delivery: Delivery; notes: string[] } {
  const clock = virtualClock();
  const notes: string[] = [];
  const config = `name: shop
services:
  api: { dockerfile: Dockerfile, port: 3000, ready: /ready }
environments:
  local:
    target: local
    metrics:
      figures: { prometheus: { url: "${url}", token: FIGURES_TOKEN } }
      unused: { web: { url: "https://orders.example", token: OTHER_TOKEN } }
    strategy: { canary: { limits: [{ errorRate: { maxIncreasePoints: 1, source: figures } }] } }
`;
  const delivery = {
    ...fakeDelivery({ ledger: memoryLedger(clock), target: simulatedTarget(), clock, config }),
    input: document === null ? {} : { secrets: { plaintext: async () => document } },
    progress: { ...silentProgress, note: (line: string) => notes.push(line) },
  } as unknown as Delivery;
  return { delivery, notes };
}

it("a deploy that is judged by a source whose secret has no value is refused before it begins", async () => {
  const { delivery } = deliveryWith("http://127.0.0.1:9", "OTHER=sesame");
  expect(await failureOf(requireMetricSecrets(delivery, "local"))).toMatchObject({
    code: "SECRETS_MISSING",
    exitCode: 2,
    message: "local needs a value for FIGURES_TOKEN: figures, which releases are judged by",
  });
  await requireMetricSecrets(deliveryWith("http://127.0.0.1:9", "FIGURES_TOKEN=sesame").delivery, "local");
});

it("whoever goes back needs no figures, and so no secret of a source", async () => {
  const { delivery } = deliveryWith("http://127.0.0.1:9", null);
  const source = (await metricsFor(delivery, "local")).get("figures");
  const limit = { metric: "error-rate", source: "figures", bound: { maxIncreasePoints: 1 } } as const;
  const asked = source?.watch({ limit, service: "api", version: "1" }, signal) ?? Promise.resolve();
  expect((await failureOf(asked)).message).toContain("there is no value for FIGURES_TOKEN");
});

it("a plan says which figures cannot be read, and does not fail for it", async () => {
  const fake = fakePrometheus();
  await using server = await served((url, headers) => fake.answer(url, headers));
  const release = releaseOf("1111111", ["api"]);
  const well = deliveryWith(server.url, "FIGURES_TOKEN=sesame");
  await noteUnreadable(well.delivery, "local", release);
  expect(well.notes).toEqual([]);
  expect(fake.asked[0]?.authorization).toBe("Bearer sesame");
  fake.instead = () => ({ status: 403, body: "sesame" });
  await noteUnreadable(well.delivery, "local", release);
  expect(well.notes).toEqual([
    "not readable now, and needed to judge the release: figures (prometheus) was asked for time(): it answered 403",
  ]);
});

it("no token of a source may be in an image", async () => {
  const { delivery } = deliveryWith("http://127.0.0.1:9", null);
  expect(knownSecretNames(await delivery.config())).toEqual(
    expect.arrayContaining(["FIGURES_TOKEN", "OTHER_TOKEN"]),
  );
});
