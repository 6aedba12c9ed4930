import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type Config,
  type ConfigInput,
  environmentOf,
  jsonSchema,
  loadConfig,
  serviceSettings,
  validateConfig,
} from "../../src/config/config.ts";
import { FairwayError } from "../../src/model/errors.ts";

const small: ConfigInput = {
  name: "shop",
  services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
};

/** The places and messages of a refusal, one string each. */
function refusals(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(FairwayError);
    const { code, exitCode, place, message, output } = error as FairwayError;
    expect([code, exitCode]).toEqual(["CONFIG_INVALID", 2]);
    return output === undefined
      ? [`${place ?? ""}: ${message.replace(/^.* is not valid: /, "")}`]
      : output.split("\n");
  }
  throw new Error("it was accepted");
}

const load = (text: string) => loadConfig(text, "fairway.yaml");

const complete = `
name: shop
checks:
  - lint
  - integration: { postgres: 18, script: test:db }
services:
  api:
    dockerfile: apps/api/Dockerfile
    port: 3040
    ready: /health/readiness
    envSchema: apps/api/src/config/environment.ts
    secrets: [API_KEY]
  web:
    dockerfile: apps/web/Dockerfile
    port: 3041
    ready: /health/readiness
    needs: [api]
    replicas: 2
    variables: { API_URL: "\${services.api.url}", VERSION: 1.10, DEBUG: false, EMPTY: "" }
database:
  prisma: { schema: packages/database/prisma/schema.prisma }
environments:
  local:
    target: local
    variables: { LOG_LEVEL: info, VERSION: 2 }
    services: { web: { replicas: 3, variables: { VERSION: "3" } } }
    secrets: [SESSION_SECRET]
    smoke: [{ service: web, path: /, contains: Catalogue }]
`;

describe("a valid fairway.yaml", () => {
  it("becomes a config with all defaults", () => {
    const config: Config = load(complete);
    expect(config.checks).toEqual([
      {
        ...{ kind: "script", name: "lint", script: "lint", needs: [] },
        ...{ results: null, retries: 0, timeoutMinutes: 60, browser: false, postgres: null, redis: null },
      },
      {
        kind: "integration",
        name: "integration",
        postgres: "18",
        script: "test:db",
        variable: "DATABASE_URL",
        needs: [],
        ...{ results: null, retries: 0, timeoutMinutes: 60, browser: false, redis: null },
      },
    ]);
    expect(config.services["api"]).toMatchObject({
      context: ".",
      startup: null,
      live: null,
      startupTimeoutSeconds: 60,
      drainSeconds: 10,
      replicas: 1,
      needs: [],
    });
    expect(config.database).toEqual({
      prisma: { schema: "packages/database/prisma/schema.prisma", url: "DATABASE_URL", postgres: "18" },
      package: null,
      uses: null,
      contractSoakMinutes: 1440,
      tables: {},
      lockLimitSeconds: null,
    });
    expect(config.registry).toBe("loopback");
    expect(config.environments["local"]).toMatchObject({ standIns: "allowed", branch: null });
    expect(config.environments["local"]?.smoke).toEqual([
      { service: "web", path: "/", status: 200, contains: "Catalogue" },
    ]);
  });

  it("keeps plain variables as they are written", () => {
    expect(load(complete).services["web"]?.variables).toEqual({
      API_URL: "${services.api.url}",
      VERSION: "1.10",
      DEBUG: "false",
      EMPTY: "",
    });
  });

  it("takes `integration` alone for the integration check with its defaults", () => {
    const { checks } = load("name: a\nchecks: [integration]\ndatabase: { prisma: { schema: a.prisma } }");
    expect(checks).toEqual([
      {
        kind: "integration",
        name: "integration",
        postgres: "18",
        script: "test:integration",
        variable: "DATABASE_URL",
        needs: [],
        ...{ results: null, retries: 0, timeoutMinutes: 60, browser: false, redis: null },
      },
    ]);
  });

  it("gives each service what the environment and its overrides say", () => {
    const config = load(complete);
    expect(serviceSettings(config, "local", "web")).toEqual({
      replicas: 3,
      variables: {
        API_URL: "${services.api.url}",
        VERSION: "3",
        DEBUG: "false",
        EMPTY: "",
        LOG_LEVEL: "info",
      },
      secretNames: ["SESSION_SECRET"],
    });
    expect(serviceSettings(config, "local", "api")).toEqual({
      replicas: 1,
      variables: { LOG_LEVEL: "info", VERSION: "2" },
      secretNames: ["API_KEY", "SESSION_SECRET"],
    });
  });

  it("may use anchors", () => {
    const text = "name: a\nservices:\n  a: &base { dockerfile: D, port: 1, ready: / }\n  b: *base";
    expect(load(text).services["b"]).toEqual(load(text).services["a"]);
  });
});

describe("an environment that does not exist", () => {
  it("is refused with the known ones, and the one that was probably meant", () => {
    expect(() => environmentOf(load(complete), "locla")).toThrow(
      expect.objectContaining({
        code: "ENVIRONMENT_UNKNOWN",
        exitCode: 2,
        remedy: "did you mean local? (known: local)",
      }) as Error,
    );
    expect(() => environmentOf(load(complete), "constructor")).toThrow(FairwayError);
  });
});

describe("a broken fairway.yaml", () => {
  it("is refused with every error at once, each with its line, column and path", () => {
    const broken = complete
      .replace("port: 3040", "prot: 3040")
      .replace("needs: [api]", "needs: [apy]")
      .replace("target: local", "target: kubernetes")
      .replace("replicas: 2", "replicas: 0")
      .replace("service: web, path: /", "service: wbe, path: x");
    expect(refusals(() => load(`${broken}colour: red\n`))).toEqual([
      "fairway.yaml:7:3 services.api.port: is missing: must be a number",
      expect.stringMatching(
        /^fairway.yaml:9:5 services.api.prot: unknown key; did you mean port\? \(known: dockerfile, /,
      ),
      "fairway.yaml:17:13 services.web.needs[0]: there is no service apy; did you mean api? (known: api, web)",
      "fairway.yaml:18:15 services.web.replicas: must be at least 1",
      'fairway.yaml:24:13 environments.local.target: "kubernetes" is no target of this version of Fairway; known: local, gitops: { repository, ... }',
      "fairway.yaml:28:24 environments.local.smoke[0].service: there is no service wbe; did you mean web? (known: api, web)",
      "fairway.yaml:28:35 environments.local.smoke[0].path: must be the path of a URL and start with /",
      "fairway.yaml:29:1 colour: unknown key; known: name, checks, findings, tests, services, database, registry, ledger, toolImages, environments",
    ]);
  });

  it.each([
    ["nothing at all", "", "fairway.yaml:1:1: must be a map, and is empty"],
    ["a list", "- name: a", "fairway.yaml:1:1: must be a map, and is a list"],
    ["a map that is not closed", "name: [a", /^fairway.yaml:1:9: flow sequence/],
    ["a key twice", "name: a\nname: b", "fairway.yaml:2:1: map keys must be unique"],
    ["an alias without an anchor", "name: *a", "fairway.yaml:1:7: there is no anchor &a before this"],
    ["two documents", "name: a\n---\nname: b", /multiple documents/],
    ["a name of capitals", "name: Shop", /^fairway.yaml:1:7 name: must be lower case/],
    [
      "an empty variable",
      "name: a\nservices: { a: { dockerfile: D, port: 1, ready: /, variables: { B: } } }",
      /variables.B: must be a text/,
    ],
    [
      "an environment without a target",
      `${complete}  staging: { variables: {} }`,
      /environments.staging.target: is missing: must be local, or gitops/,
    ],
    [
      "a registry of another shape",
      "name: a\nregistry: { url: ghcr.io/acme, pasword: TOKEN }",
      /registry.pasword: unknown key; did you mean password\?/,
    ],
    [
      "a registry with a scheme",
      "name: a\nregistry: { url: https://ghcr.io/acme }",
      /registry.url: must be host\/path without https/,
    ],
    [
      "a need of a check that is not there",
      "name: a\nchecks: [build, { script: e2e, needs: [biuld] }]",
      /checks\[1\].needs\[0\]: there is no check biuld; did you mean build\?/,
    ],
    [
      "a check that needs itself",
      "name: a\nchecks: [{ script: build, needs: [build] }]",
      /checks\[0\].needs\[0\]: a check cannot need itself/,
    ],
    [
      "checks that need each other",
      "name: a\nchecks: [{ script: a, needs: [b] }, { scan: secretlint, needs: [a] }, { script: b, needs: [secretlint] }]",
      /fairway.yaml:2:30 checks\[0\].needs: a circle: a needs b needs secretlint needs a/,
    ],
    [
      "a look at images where there are none",
      "name: a\nchecks: [{ scan: trivy, of: images }]",
      /checks\[0\]: trivy looks at the images of `services` with `of: images`, and there are none/,
    ],
    [
      "an unknown kind of check",
      "name: a\nchecks: [{ e2e: {} }]",
      /checks\[0\].e2e: unknown key; known: script, needs, timeoutMinutes, results, retries, browser, postgres, redis, integration, scan/,
    ],
    [
      "a name for a script, which is its name",
      "name: a\nchecks: [{ script: lint, name: style }]",
      /checks\[0\].name: is no key of script; known: script, needs, [^)]*redis$/,
    ],
    [
      "what only another scanner takes",
      "name: a\nchecks: [{ scan: secretlint, allow: [MIT] }]",
      /checks\[0\].allow: is no key of scan: secretlint; known: scan, name, needs, timeoutMinutes$/,
    ],
    [
      "two kinds of check in one",
      "name: a\nchecks: [{ script: lint, scan: audit }]",
      /checks\[0\].scan: cannot stand beside script: only one of them/,
    ],
    [
      "a check that is a name alone",
      "name: a\nchecks: [{ name: lint }]",
      /checks\[0\].name: unknown key; known: script, /,
    ],
    [
      "a service of a name that cannot be a host",
      "name: a\nservices: { my_api: { dockerfile: D, port: 1, ready: / } }",
      /services.my_api: this name must be/,
    ],
    [
      "a file outside of the repository",
      "name: a\nservices: { a: { dockerfile: ../D, port: 1, ready: / } }",
      /dockerfile: must be inside the repository/,
    ],
    [
      "an envSchema outside of the repository",
      "name: a\nservices: { a: { dockerfile: D, port: 1, ready: /, envSchema: /etc/x.ts } }",
      /envSchema: must be relative to the repository/,
    ],
    [
      "a secret that is no name",
      "name: a\nservices: { a: { dockerfile: D, port: 1, ready: /, secrets: [api-key] } }",
      /secrets\[0\]: must be the name of an environment variable/,
    ],
  ])("is refused for %s", (_, text, expected) => {
    const found = refusals(() => load(text));
    if (typeof expected === "string") expect(found).toEqual([expected]);
    else expect(found.join("\n")).toMatch(expected);
  });

  it("is refused for aliases that would fill the memory", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 9; level++) {
      lines.push(
        `a${String(level)}: &a${String(level)} [${Array(10)
          .fill(`*a${String(level - 1)}`)
          .join(", ")}]`,
      );
    }
    expect(refusals(() => load(lines.join("\n")))[0]).toMatch(/excessive alias count/i);
  });
});

describe("the rules between the parts", () => {
  const withServices =
    (services: NonNullable<ConfigInput["services"]>, rest: Partial<ConfigInput> = {}) =>
    () =>
      validateConfig({ name: "shop", services, ...rest }, "pipeline");
  const api = { dockerfile: "Dockerfile", port: 3000, ready: "/ready" };

  it.each<[string, () => unknown, RegExp]>([
    [
      "a service that needs itself",
      withServices({ a: { ...api, needs: ["a"] } }),
      /a service cannot need itself/,
    ],
    [
      "services that need each other",
      withServices({ a: { ...api, needs: ["b"] }, b: { ...api, needs: ["c"] }, c: { ...api, needs: ["a"] } }),
      /^pipeline services.a.needs: a circle: a needs b needs c needs a$/,
    ],
    [
      "a check that is listed twice",
      () => validateConfig({ ...small, checks: ["lint", "lint"] }, "x"),
      /the check lint is listed twice/,
    ],
    [
      "an integration check without a database",
      () => validateConfig({ ...small, checks: ["integration"] }, "x"),
      /integration needs `database`/,
    ],
    [
      "PORT as a variable",
      withServices({ a: { ...api, variables: { PORT: "1" } } }),
      /PORT is set by Fairway/,
    ],
    [
      "the database's variable",
      withServices({ a: { ...api, secrets: ["DATABASE_URL"] } }, { database: { prisma: { schema: "a" } } }),
      /services.a.secrets\[0\]: DATABASE_URL is set by Fairway/,
    ],
    [
      "a name that is plain in one place and secret in another",
      withServices(
        { a: { ...api, variables: { KEY: "x" } } },
        { environments: { local: { target: "local", secrets: ["KEY"] } } },
      ),
      /environments.local.secrets\[0\]: KEY is a plain variable in services.a.variables too/,
    ],
    [
      "a secret that is listed twice",
      withServices({ a: { ...api, secrets: ["K", "K"] } }),
      /K is listed twice/,
    ],
    [
      "the address of a service that does not exist",
      withServices({ a: { ...api, variables: { U: "${services.b.url}" } } }),
      /there is no service b/,
    ],
    [
      "another part of a service than its url",
      withServices({ a: { ...api, variables: { U: "${services.a.port}" } } }),
      /write \$\{services.<name>.url\}/,
    ],
    [
      "an override of a service that does not exist",
      withServices({ a: api }, { environments: { local: { target: "local", services: { b: {} } } } }),
      /environments.local.services.b: there is no service b/,
    ],
    [
      "an environment without services",
      () => validateConfig({ name: "a", environments: { local: { target: "local" } } }, "x"),
      /there are no services to deploy/,
    ],
  ])("refuse %s", (_, act, expected) => {
    expect(refusals(act).join("\n")).toMatch(expected);
  });

  it("do not call a service unknown because it has an error of its own", () => {
    const found = refusals(withServices({ a: { ...api, port: 0 }, b: { ...api, needs: ["a"] } }));
    expect(found).toEqual(["pipeline services.a.port: must be at least 1"]);
  });

  it("let the same name be plain in one environment and secret in another", () => {
    const environments = {
      local: { target: "local", variables: { KEY: "x" } },
      other: { target: "local", secrets: ["KEY"] },
    } as const satisfies ConfigInput["environments"];
    expect(
      withServices(
        { a: api },
        { environments: { local: environments.local, other: { ...environments.other, secrets: ["KEY"] } } },
      ),
    ).not.toThrow();
  });

  it("warn of what works, but is hardly meant", () => {
    const warnings: string[] = [];
    const text = [
      "name: shop",
      "services:",
      "  a: { dockerfile: D, port: 3000, ready: / }",
      '  b: { dockerfile: D, port: 3000, ready: /, variables: { A: "${services.a.url}", H: "${HOME}" } }',
    ].join("\n");
    loadConfig(text, "fairway.yaml", { onWarning: (warning) => warnings.push(warning) });
    expect(warnings).toEqual([
      expect.stringMatching(/^fairway.yaml:4:29 services.b.port: port 3000 is that of a too/),
      expect.stringMatching(
        /^fairway.yaml:4:61 services.b.variables.A: b uses the URL of a without `needs: \[a\]`/,
      ),
      expect.stringMatching(/services.b.variables.H: \$\{HOME\} stays as it is/),
    ]);
  });
});

describe("the JSON schema", () => {
  it("is the committed fairway.schema.json (otherwise run: node scripts/schema.ts)", () => {
    const committed: unknown = JSON.parse(
      readFileSync(new URL("../../fairway.schema.json", import.meta.url), "utf8"),
    );
    expect(committed).toEqual(jsonSchema());
  });

  it("teaches: each key of a service has a description", () => {
    const { properties } = jsonSchema() as {
      properties: {
        services: { additionalProperties: { properties: Record<string, { description?: string }> } };
      };
    };
    const keys = Object.entries(properties.services.additionalProperties.properties);
    expect(keys.filter(([, { description }]) => description === undefined).map(([name]) => name)).toEqual([]);
  });
});
