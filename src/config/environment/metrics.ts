import { z } from "zod";
import { variableName } from "../names.ts";
import { httpUrl, tokenUrl } from "../urls.ts";
import { isSafeQuery, placeholdersOf } from "../../model/placeholders.ts";

const secretName = (what: string) =>
  variableName.describe(`Name of the value in --secrets that holds ${what}.`);

/** Fills in names that are not known to nothing. */
function unknownIn(text: string, known: readonly string[]): string | undefined {
  const unknown = placeholdersOf(text).find((name) => !known.includes(name));
  return unknown === undefined
    ? undefined
    : `has no \${${unknown}}: ${known.map((name) => `\${${name}}`).join(", ")}`;
}

const promQl = (known: readonly string[], what: string) =>
  z
    .string()
    .min(1)
    .max(4000)
    .superRefine((query, context) => {
      const unknown = unknownIn(query, known);
      if (unknown !== undefined) context.addIssue({ code: "custom", message: unknown });
      else if (!isSafeQuery(query))
        context.addIssue({
          code: "custom",
          message: 'must have ${service} and ${version} inside "quotes" only, as values of labels',
        });
    })
    .describe(what);

const selector = (what: string) =>
  promQl(["service", "version"], `A selector of counters, without sum() or rate(): ${what}`);

const basicAuth = z.strictObject({
  username: z.string().min(1),
  password: secretName("the password"),
});

/** What tells a tenant or a format from another; what opens a door is a secret. */
const headers = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "must be the name of a header"),
    z.string().regex(/^[\t\x20-\x7e]*$/, "must be printable ASCII"),
  )
  .superRefine((all, context) => {
    for (const name of Object.keys(all).filter((one) =>
      /^(authorization|proxy-authorization|cookie)$/i.test(one),
    ))
      context.addIssue({
        code: "custom",
        path: [name],
        message: "does not stand in a config: name a secret under token, or under basicAuth",
      });
  })
  .default({});

const maxAgeSeconds = z
  .int()
  .min(1)
  .max(3600)
  .default(120)
  .describe(
    "What was measured longer ago than this is not read: at least twice as long as it takes to measure again.",
  );

const seconds = (what: string) => z.int().min(1).max(3600).describe(what);

const needsNearUrl = "must begin with https://: a token does not cross a network in the clear";

/** @returns false where what opens a door would be sent over a network in the clear */
function keepsSecrets({
  url,
  token,
  basicAuth: login,
}: {
  url: string;
  token?: unknown;
  basicAuth?: unknown;
}) {
  return (token === undefined && login === undefined) || tokenUrl.safeParse(url).success;
}

const oneLogin = "must not be given beside token";

const prometheus = z
  .strictObject({
    url: httpUrl.describe("Its address, with the path before /api where it has one."),
    token: secretName("a token that may read").optional(),
    basicAuth: basicAuth.optional(),
    headers: headers.describe("Sent with each request: X-Scope-OrgID, for example."),
    errorRate: z
      .strictObject({
        events: selector('requests_total{service="${service}",version="${version}",status=~"5.."}.'),
        total: selector('requests_total{service="${service}",version="${version}"}.'),
      })
      .optional()
      .describe("Default: what the proxies of a local environment count."),
    latency: z
      .strictObject({
        buckets: selector("the _bucket series of a classic histogram, with its label le."),
        unit: z.enum(["seconds", "milliseconds"]).default("seconds"),
      })
      .optional()
      .describe("Default: what the proxies of a local environment count."),
    values: z
      .record(
        z.string().min(1),
        promQl(["service", "version", "window"], "An expression that has one number for a version."),
      )
      .default({})
      .describe("What `value` limits are about, by name."),
    windowSeconds: seconds(
      "What ${window} is in `values`. A value with it counts once in this time: what overlaps is not seen twice.",
    ).default(60),
    maxAgeSeconds,
  })
  .refine(keepsSecrets, { path: ["url"], message: needsNearUrl })
  .refine(({ token, basicAuth: login }) => token === undefined || login === undefined, {
    path: ["basicAuth"],
    message: oneLogin,
  })
  .describe("Figures are asked of Prometheus, or of whatever answers its API.");

const pointer = z
  .string()
  .regex(/^(\/([^~/]|~[01])*)+$/, "must be a JSON pointer (RFC 6901) such as /data/orders/0/count")
  .describe("A JSON pointer (RFC 6901) into the answer.");

/** `${service}` and `${version}` may stand in the path and in the query: what is asked is asked of one host. */
const urlTemplate = z
  .string()
  .superRefine((text, context) => {
    const unknown = unknownIn(text, ["service", "version"]);
    if (unknown !== undefined) context.addIssue({ code: "custom", message: unknown });
    if (!/^[^/]*\/\/[^/?#$]+([/?]|$)/.test(text))
      context.addIssue({
        code: "custom",
        message: "must have ${service} and ${version} in the path or in the query only",
      });
  })
  .refine(
    (text) => httpUrl.safeParse(text.replaceAll(/\$\{\w+\}/g, "x")).success,
    "must be an address that begins with https://, without a user name or token in it",
  );

const web = z
  .strictObject({
    url: urlTemplate.describe(
      "What is asked for one version: https://figures.example/orders?version=${version}.",
    ),
    method: z.enum(["GET", "POST"]).default("GET"),
    body: z
      .string()
      .min(1)
      .max(100_000)
      .superRefine((text, context) => {
        const unknown = unknownIn(text, ["service", "version"]);
        if (unknown !== undefined) context.addIssue({ code: "custom", message: unknown });
      })
      .optional()
      .describe("JSON that is sent with POST; ${service} and ${version} stand inside of its texts."),
    headers,
    token: secretName("what is sent as `Authorization: Bearer ...`").optional(),
    basicAuth: basicAuth.optional(),
    errorRate: z
      .strictObject({ events: pointer, total: pointer })
      .optional()
      .describe("Counters of requests that only grow: those that failed, and all of them."),
    values: z
      .record(z.string().min(1), pointer)
      .default({})
      .describe("What `value` limits are about, by name."),
    windowSeconds: seconds(
      "Over how long the answer's values are taken: each counts once in this time. Without it each look counts.",
    ).optional(),
    measuredAt: pointer
      .optional()
      .describe("Where the answer says when it was measured: RFC 3339, or seconds since 1970."),
    maxAgeSeconds,
  })
  .refine((value) => keepsSecrets({ ...value, url: value.url.replaceAll(/\$\{\w+\}/g, "x") }), {
    path: ["url"],
    message: needsNearUrl,
  })
  .refine(({ token, basicAuth: login }) => token === undefined || login === undefined, {
    path: ["basicAuth"],
    message: oneLogin,
  })
  .refine(({ method, body }) => body === undefined || (method === "POST" && isJson(body)), {
    path: ["body"],
    message: "must be JSON, with method: POST",
  })
  .describe("Figures are numbers in a JSON document on the web.");

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One place that figures come from. */
export const metricSource = z
  .union([z.strictObject({ prometheus }), z.strictObject({ web })], {
    error: "must be { prometheus: { url, ... } } or { web: { url, ... } }",
  })
  .describe("Where figures come from that releases are judged by.");

export type MetricSourceConfig = z.output<typeof metricSource>;
export type PrometheusConfig = z.output<typeof prometheus>;
export type WebConfig = z.output<typeof web>;
