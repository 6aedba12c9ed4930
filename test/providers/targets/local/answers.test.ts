import { expect, test } from "vitest";
import type { Clock } from "../../../../src/model/clock.ts";
import type { LogLine, LogOptions } from "../../../../src/model/target.ts";
import { deployed, release, replaceOperation, service, urlOf } from "./fixtures.ts";

test("smoke checks ask the live service through its proxy", async () => {
  await using environment = await deployed("v1");
  const check = { service: "api", path: "/", status: 200, contains: '"version":"v1"' };
  const result = await environment.target.smoke([check], environment.context());
  expect(result.observed).toBe("1 smoke check passed");
});

test("a smoke check that fails says what came back instead", async () => {
  await using environment = await deployed("v1", impatientClock());
  const check = { service: "api", path: "/", status: 200, contains: "Catalogue" };
  await expect(environment.target.smoke([check], environment.context())).rejects.toMatchObject({
    code: "SMOKE_FAILED",
    message: 'smoke check of api: GET / answered 200, without "Catalogue" in the body',
    place: `${await urlOf(environment.target)}/`,
    output: expect.stringContaining('"version":"v1"') as string,
  });
  const status = { service: "api", path: "/ready", status: 204, contains: null };
  await expect(environment.target.smoke([status], environment.context())).rejects.toMatchObject({
    message: "smoke check of api: GET /ready answered 200 instead of 204",
  });
});

test("logs are the last lines of each replica, and what comes while following, over a replacement", async () => {
  await using environment = await deployed("v1");
  const lines: LogLine[] = [];
  for await (const line of environment.target.logs({ lines: 1 })) lines.push(line);
  expect(lines).toEqual(
    [0, 1].map((index) => ({ service: "api", index, version: "v1", state: "serving", text: "listening" })),
  );

  const done = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { version, text } of environment.target.logs({
      index: 0,
      follow: true,
      signal: done.signal,
    })) {
      seen.push(`${version}: ${text}`);
      if (seen.includes("v1: ending") && seen.includes("v2: listening")) done.abort();
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await environment.target.apply(replaceOperation("v2"), release("v2"), environment.context());
  await following;
  expect(seen).toContain("v1: listening");
});

test("after a rollout that failed, logs are those of what serves; the dead one's are there for who asks", async () => {
  await using environment = await deployed("v1");
  const broken = release("v2", service({ variables: { BEHAVIOUR: "exits" } }));
  await expect(
    environment.target.apply(replaceOperation("v2"), broken, environment.context()),
  ).rejects.toMatchObject({ code: "REPLICA_EXITED" });
  const hidden: string[] = [];
  const shown = async (options: LogOptions) => {
    const onHidden = ({ index, version }: { index: number; version: string }) =>
      hidden.push(`${String(index)} ${version}`);
    const lines = new Set<string>();
    for await (const { index, version, state = "" } of environment.target.logs({ ...options, onHidden }))
      lines.add(`${String(index)} ${version} ${state}`);
    return [...lines];
  };
  expect(await shown({})).toEqual(["0 v1 serving", "1 v1 serving"]);
  expect(hidden).toEqual(["0 v2"]);
  expect(await shown({ index: 0 })).toEqual(["0 v2 ended", "0 v1 serving"]);
  expect(await shown({ version: "v2" })).toEqual(["0 v2 ended"]);
  expect(hidden).toHaveLength(1);
  await environment.target.stop(environment.context(), { removeData: false });
  expect(await shown({})).toEqual(["0 v2 ended", "1 v1 ended"]);
});

/** Each wait is over at once. */
function impatientClock(): Clock {
  let now = 0;
  return {
    now: () => new Date(now),
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
  };
}
