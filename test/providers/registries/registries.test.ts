import { execa } from "execa";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openRegistry, registrySecretNames } from "../../../src/providers/registries/registries.ts";
import type { RegistryConfig, RegistryContext } from "../../../src/providers/registries/registries.ts";
import { scriptedServer } from "../../oci/scripted-server.ts";

const context: RegistryContext = {
  pipeline: "shop",
  secrets: { USER: "ada", TOKEN: "s3cret-token" },
  loopbackAddress: () => Promise.resolve("127.0.0.1:24000"),
};

test("an unknown kind is refused by listing the known ones", async () => {
  const unknown = { harbor: {} } as unknown as RegistryConfig;
  await expect(openRegistry(unknown, context)).rejects.toMatchObject({
    code: "REGISTRY_KIND",
    exitCode: 2,
    message: 'there is no registry of the kind {"harbor":{}}',
    remedy: expect.stringContaining("loopback, { url, username, password }, { ecr:") as string,
  });
});

test("only the secrets that a registry uses are read for it", () => {
  expect(registrySecretNames("loopback")).toEqual([]);
  expect(registrySecretNames({ url: "ghcr.io/acme" })).toEqual([]);
  expect(registrySecretNames({ url: "ghcr.io/acme", username: "USER", password: "TOKEN" })).toEqual([
    "USER",
    "TOKEN",
  ]);
  expect(registrySecretNames({ ecr: { account: "123456789012", region: "eu-central-1" } })).toContain(
    "AWS_ACCESS_KEY_ID",
  );
});

describe("loopback", () => {
  test("holds an image for each service of each pipeline, and wants no login", async () => {
    const registry = await openRegistry("loopback", context);
    expect(registry).toMatchObject({ kind: "loopback", address: "127.0.0.1:24000" });
    expect(registry.repository("api")).toBe("127.0.0.1:24000/shop/api");
    expect(await registry.credentials()).toBeNull();
  });

  test("is refused inside a real engine, with what to configure", async () => {
    await expect(openRegistry("loopback", { ...context, loopbackAddress: undefined })).rejects.toMatchObject({
      code: "NEEDS_A_HOST",
      exitCode: 2,
      remedy: expect.stringContaining("registry: { url:") as string,
    });
  });
});

describe("a registry by its address", () => {
  test("takes user name and password from the secrets that the config names", async () => {
    const registry = await openRegistry(
      { url: "ghcr.io/acme/", username: "USER", password: "TOKEN" },
      context,
    );
    expect(registry).toMatchObject({
      kind: "generic",
      address: "ghcr.io",
      credentialsAt: "the values USER and TOKEN in --secrets",
    });
    expect(registry.repository("api")).toBe("ghcr.io/acme/shop/api");
    expect(await registry.credentials()).toEqual({
      address: "ghcr.io",
      username: "ada",
      password: "s3cret-token",
    });
  });

  test("may want no login", async () => {
    const registry = await openRegistry({ url: "127.0.0.1:5000" }, context);
    expect(registry.repository("api")).toBe("127.0.0.1:5000/shop/api");
    expect(await registry.credentials()).toBeNull();
  });

  test("names the values that are missing, and half a login", async () => {
    const config = { url: "ghcr.io/acme", username: "NAME", password: "TOKEN" };
    await expect(openRegistry(config, context)).rejects.toMatchObject({
      code: "SECRETS_MISSING",
      exitCode: 2,
      message: "the registry ghcr.io needs a value for NAME",
    });
    await expect(openRegistry({ url: "ghcr.io/acme", username: "USER" }, context)).rejects.toMatchObject({
      code: "REGISTRY_CREDENTIALS",
      place: "fairway.yaml registry.password",
    });
  });

  test("a name that registries do not take is refused", async () => {
    const opening = openRegistry({ url: "ghcr.io/acme" }, { ...context, pipeline: "Shop" });
    await expect(opening).rejects.toThrow("no upper-case letters");
  });
});

describe("ECR", () => {
  const config: RegistryConfig = {
    ecr: { account: "123456789012", region: "eu-central-1", repositoryPrefix: "team" },
  };
  const keys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI-EXAMPLE" };
  const withKeys = { ...context, secrets: keys };

  beforeEach(() => {
    for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_")))
      vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  async function fakeEcr(answer: (count: number) => { status: number; body: object }) {
    const server = await scriptedServer((_, response) => {
      const { status, body } = answer(server.received.length);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    });
    vi.stubEnv("AWS_ENDPOINT_URL_ECR", `http://${server.address}`);
    return server;
  }

  const tokenFor = (hours: number) => ({
    status: 200,
    body: {
      authorizationData: [
        {
          authorizationToken: Buffer.from("AWS:token:with:colons").toString("base64"),
          expiresAt: Date.now() / 1000 + hours * 3600,
          proxyEndpoint: "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com",
        },
      ],
    },
  });

  test("logs in with a token of AWS, asked for once while it lives, and creates nothing", async () => {
    const server = await fakeEcr(() => tokenFor(12));
    const registry = await openRegistry(config, withKeys);
    expect(registry.repository("api")).toBe("123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/shop/api");
    expect(server.received).toHaveLength(0);
    const expected = {
      address: "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
      username: "AWS",
      password: "token:with:colons",
    };
    expect(await registry.credentials()).toEqual(expected);
    expect(await registry.credentials()).toEqual(expected);
    expect(server.received.map(({ headers }) => headers["x-amz-target"])).toEqual([
      "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
    ]);
    expect(server.received[0]?.headers.authorization).toMatch(
      /Credential=AKIDEXAMPLE\/\d+\/eu-central-1\/ecr\//,
    );
    await server.close();
  });

  test("asks again before the token ends", async () => {
    const server = await fakeEcr(() => tokenFor(0.1));
    const registry = await openRegistry(config, withKeys);
    await registry.credentials();
    await registry.credentials();
    expect(server.received).toHaveLength(2);
    await server.close();
  });

  test("says who may not log in where, and never the key", async () => {
    const server = await fakeEcr(() => ({
      status: 400,
      body: {
        __type: "AccessDeniedException",
        message: "User is not authorized to perform ecr:GetAuthorizationToken",
      },
    }));
    const error: unknown = await (
      await openRegistry(config, withKeys)
    )
      .credentials()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "REGISTRY_UNAUTHORIZED",
      message: expect.stringContaining("AccessDeniedException: User is not authorized") as string,
      remedy: expect.stringContaining("ecr:GetAuthorizationToken in eu-central-1") as string,
    });
    expect(JSON.stringify(error)).not.toContain(keys.AWS_SECRET_ACCESS_KEY);
    await server.close();
  });

  test("says what to set when this machine has no AWS credentials", async () => {
    const server = await fakeEcr(() => tokenFor(12));
    vi.stubEnv("HOME", "/nonexistent");
    await expect(
      (await openRegistry(config, { ...context, secrets: {} })).credentials(),
    ).rejects.toMatchObject({
      code: "REGISTRY_UNAUTHORIZED",
      remedy: expect.stringContaining(
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in --secrets",
      ) as string,
    });
    expect(server.received).toHaveLength(0);
    await server.close();
  });

  test("China's regions have an address of their own", async () => {
    const registry = await openRegistry({ ecr: { account: "123456789012", region: "cn-north-1" } }, withKeys);
    expect(registry.repository("api")).toBe("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/shop/api");
  });

  test("logs in at moto's ECR", async (testContext) => {
    const found = await execa("moto_server", ["--version"], { reject: false, env: {} });
    if (found.failed && found.exitCode === undefined)
      return testContext.skip("moto is not installed: pip install 'moto[server]'");
    const port = await freePort();
    const moto = execa("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { reject: false });
    try {
      await answering(`http://127.0.0.1:${String(port)}/moto-api/`);
      vi.stubEnv("AWS_ENDPOINT_URL_ECR", `http://127.0.0.1:${String(port)}`);
      const credentials = await (await openRegistry(config, withKeys)).credentials();
      expect(credentials).toMatchObject({ username: "AWS", password: expect.stringMatching(/./) as string });
    } finally {
      moto.kill();
      await moto;
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const response = await fetch(url).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
}
