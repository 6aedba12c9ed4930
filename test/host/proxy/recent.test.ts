import { expect, it } from "vitest";
import { createMetrics } from "../../../src/host/proxy/proxy.ts";

const v1 = { service: "shop", version: "v1" };

/** Counters by a clock of their own, and visitors who come to them. */
function counting() {
  let nowMs = 7_000;
  const metrics = createMetrics(() => nowMs);
  metrics.began(v1);
  const visit = (perSecond: number, seconds: number) => {
    for (let count = 0; count < perSecond * seconds; count++) {
      nowMs += 1000 / perSecond;
      metrics.answered({ ...v1, origin: "visitors" }, "2xx", 0.01);
    }
  };
  return {
    visit,
    wait: (seconds: number) => (nowMs += 1000 * seconds),
    recent: () => metrics.counts()[0]!.recent,
    rate: () => {
      const { seconds, requests } = metrics.counts()[0]!.recent;
      return requests / seconds;
    },
  };
}

it("counts the requests of the last five minutes, whatever came before", () => {
  const { visit, wait, rate, recent } = counting();
  wait(3600);
  expect(recent().requests).toBe(0);
  visit(10, 320);
  expect(rate()).toBeCloseTo(10, 1);
  expect(recent().seconds).toBeGreaterThanOrEqual(290);
  expect(recent().seconds).toBeLessThanOrEqual(300);
  visit(0.5, 320);
  expect(rate()).toBeCloseTo(0.5, 1);
  wait(290);
  expect(recent().requests).toBeLessThan(10);
  wait(20);
  expect(recent().requests).toBe(0);
});

it("counts from the beginning where that is not so long ago", () => {
  const { visit, recent } = counting();
  visit(10, 42);
  expect(recent()).toEqual({ seconds: 42, requests: 420 });
});
