import { z } from "zod";
import { label, repositoryPath, variableName } from "../names.ts";
import { httpUrl, repositoryUrl, tokenUrl } from "../urls.ts";

const secretName = (what: string) =>
  variableName.describe(`Name of the value in --secrets that holds ${what}.`);
const certificates = variableName
  .optional()
  .describe(
    "Name of the value in --secrets that holds the certificates (PEM) of its authority, when it has one of its own.",
  );

/** `api.image`, or the keys one by one where a key has a dot in it. */
const yamlPath = z
  .union([z.string().min(1), z.array(z.union([z.string().min(1), z.number().int().min(0)])).min(1)], {
    error: "must be a path such as api.image, or a list of keys",
  })
  .transform((path) => (typeof path === "string" ? path.split(".") : path));

const images = <T extends z.ZodType>(value: T) =>
  z.record(label, value).refine((all) => Object.keys(all).length > 0, "must name at least one service");

const kustomize = z
  .strictObject({
    file: repositoryPath.default("kustomization.yaml").describe("The kustomization, in `path`."),
    images: images(z.string().min(1)).describe(
      "By service: the `name` of its entry under `images:`. Its newName and digest are set.",
    ),
  })
  .describe("Images stand in a kustomization.");

const helm = z
  .strictObject({
    file: repositoryPath.default("values.yaml").describe("The values, in `path`."),
    digest: z
      .enum(["digest", "tag"])
      .default("digest")
      .describe(
        "Where the chart wants the digest: `digest` for a key of its own beside repository, `tag` for behind the tag.",
      ),
    images: images(yamlPath).describe(
      "By service: the path of its image, a map with `repository` or one text: `api.image`.",
    ),
  })
  .describe("Images stand in the values of a Helm chart.");

const yaml = z
  .strictObject({
    images: images(
      z.strictObject({ file: repositoryPath.describe("The file, in `path`."), path: yamlPath }),
    ).describe("By service: the file and the path in it whose value is the whole reference of the image."),
  })
  .describe("Images stand anywhere in YAML files.");

const argocd = z
  .strictObject({
    url: tokenUrl.describe("The address of Argo CD."),
    token: secretName("a token that may get the application"),
    application: z.string().min(1).describe("The name of the Application."),
    project: z
      .string()
      .min(1)
      .optional()
      .describe("Its project; with it, Argo CD tells a missing one from a hidden one."),
    namespace: z.string().min(1).optional().describe("Its namespace, where that is not Argo CD's own."),
    ca: certificates,
  })
  .describe("Argo CD rolls the manifests out, and is asked whether they are synced and healthy.");

const flux = z
  .strictObject({
    url: tokenUrl.describe("The address of the Kubernetes API: Flux has none of its own."),
    token: secretName("a token that may get Kustomizations"),
    namespace: z.string().min(1).default("flux-system"),
    kustomization: z
      .string()
      .min(1)
      .describe("The name of the Kustomization; it has `wait: true` or health checks."),
    ca: certificates,
  })
  .describe("Flux rolls the manifests out, and its Kustomization says whether they are applied and healthy.");

/** `gitops` of an environment: a release is a commit in a manifests repository, which a controller carries out. */
export const gitops = z
  .strictObject({
    repository: repositoryUrl.describe("The manifests repository: https://host/owner/repository."),
    branch: z.string().min(1).default("main").describe("The branch that the controller follows."),
    path: repositoryPath.default(".").describe("The directory of this environment in it."),
    kustomize: kustomize.optional(),
    helm: helm.optional(),
    yaml: yaml.optional(),
    token: secretName("a token that may read and push"),
    username: z
      .string()
      .min(1)
      .optional()
      .describe("What the server wants as the user beside a token. Default: x-access-token."),
    argocd: argocd.optional(),
    flux: flux.optional(),
    health: z
      .literal("not observed")
      .optional()
      .describe("Instead of argocd, flux or urls: nobody is asked, the smoke checks are the only proof."),
    urls: z
      .record(label, httpUrl)
      .default({})
      .describe(
        "By service: where people find it, for status and smoke checks. Without argocd and flux, its readiness is asked there.",
      ),
    pollSeconds: z
      .number()
      .int()
      .min(1)
      .max(300)
      .default(5)
      .describe("Seconds between two looks at the health."),
    degradedSeconds: z
      .number()
      .int()
      .min(0)
      .max(3600)
      .default(60)
      .describe("Seconds that a release may be unhealthy before it has failed."),
  })
  .superRefine((value, context) => {
    const issue = (path: string[], message: string) => {
      context.addIssue({ code: "custom", path, message });
    };
    const kinds = ["kustomize", "helm", "yaml"] as const;
    const [kind, ...others] = kinds.filter((name) => value[name] !== undefined);
    if (kind === undefined) issue([], "must say where the images stand: kustomize, helm or yaml");
    for (const other of others)
      issue([other], `must not be given beside ${String(kind)}: images stand in one place`);
    const [source, ...more] = (["argocd", "flux", "health"] as const).filter(
      (name) => value[name] !== undefined,
    );
    for (const other of more)
      issue([other], `must not be given beside ${String(source)}: one says what is healthy`);
    const services = kind === undefined ? [] : Object.keys(value[kind]?.images ?? {});
    const silent = services.filter((service) => !Object.hasOwn(value.urls, service));
    if (source === undefined && silent.length > 0) {
      issue(
        ["urls"],
        `must have the address of ${silent.join(" and ")}, or argocd or flux has to be given: ` +
          'else nobody can say what is healthy (health: "not observed" accepts that)',
      );
    }
  })
  .describe(
    "A release is a commit that sets images in a manifests repository; a GitOps controller carries it out.",
  );

export type GitopsConfig = z.output<typeof gitops>;
