import { failure } from "../../model/errors.ts";
import type { Registry, RegistryCredentials } from "../../model/registry.ts";
import type { EcrConfig, RegistryContext } from "./registries.ts";
import { serviceRepository } from "./repository-name.ts";

/**
 * Amazon ECR. The login is a token of GetAuthorizationToken, asked for when it is first needed and again before it
 * ends (it lives for 12 hours). AWS credentials are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of `--secrets`, else
 * what the SDK finds on this machine. Repositories are never created: an account's owner sets their rules.
 */
export function ecrRegistry(config: EcrConfig, context: RegistryContext): Registry {
  const suffix = config.region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const address = `${config.account}.dkr.ecr.${config.region}.${suffix}`;
  let held: { readonly credentials: RegistryCredentials; readonly expiresAtMs: number } | undefined;
  return {
    kind: "ecr",
    address,
    credentialsAt:
      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in --secrets, or the AWS credentials of this machine",
    repository: (service) =>
      serviceRepository(`${address}/${config.repositoryPrefix ?? ""}`, context.pipeline, service),
    credentials: async () => {
      const fresh = held !== undefined && held.expiresAtMs - Date.now() > 10 * 60_000;
      if (!fresh) held = await logIn(address, config, context);
      return held?.credentials ?? null;
    },
  };
}

async function logIn(address: string, config: EcrConfig, { secrets }: RegistryContext) {
  const { ECRClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN,
  } = secrets;
  const session = AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN };
  const given =
    accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...session } };
  const client = new ECRClient({ region: config.region, ...given });
  try {
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
    const [data] = authorizationData ?? [];
    const [username, ...rest] = Buffer.from(data?.authorizationToken ?? "", "base64")
      .toString()
      .split(":");
    const password = rest.join(":");
    if (!username || password === "") throw new Error("AWS answered without a token");
    return {
      credentials: { address, username, password },
      expiresAtMs: data?.expiresAt?.getTime() ?? Date.now() + 60 * 60_000,
    };
  } catch (cause) {
    throw loginFailure(address, config, cause);
  } finally {
    client.destroy();
  }
}

function loginFailure(address: string, { account, region }: EcrConfig, cause: unknown): Error {
  const { name, message } = cause as Error;
  return failure(`cannot log in at ${address}: ${name}: ${message}`, {
    code: "REGISTRY_UNAUTHORIZED",
    place: "fairway.yaml registry.ecr",
    remedy:
      `set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in --secrets, of an identity of the account ${account} that may call ` +
      `ecr:GetAuthorizationToken in ${region}; see who you are with\naws sts get-caller-identity`,
    cause,
  });
}
