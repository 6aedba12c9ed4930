import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Places } from "../../places.ts";
import {
  mainObject,
  type ArgumentDefinition,
  type FunctionDefinition,
  type Manifest,
} from "../../module/manifest.ts";
import type { Draft } from "./config.ts";
import type { Change } from "./packages.ts";
import type { Survey } from "./survey.ts";

/** ci/: a Dagger module of the team's own, with every stock function, and the pipeline as a value. */
export function moduleChanges(
  survey: Survey,
  draft: Draft,
  manifest: Manifest,
  places: Places,
): readonly Change[] {
  const { name } = survey;
  const file = (path: string, content: string): Change => ({ path: `ci/${path}`, content, summary: [] });
  return [
    file("dagger.json", json({ name, engineVersion: "v0.21.8", sdk: { source: "typescript" }, source: "." })),
    file("package.json", json(packageJson(name, places))),
    file("tsconfig.json", json(compilerOptions)),
    file(`src/${name}.ts`, pipelineText(survey, draft)),
    file("src/index.ts", classText(name, manifest)),
  ];
}

const compilerOptions = {
  compilerOptions: {
    target: "ES2023",
    module: "NodeNext",
    moduleResolution: "NodeNext",
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  },
};

function packageJson(name: string, places: Places) {
  const own = JSON.parse(readFileSync(join(places.package, "package.json"), "utf8")) as {
    version: string;
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  return {
    name: `${name}-ci`,
    private: true,
    type: "module",
    // The engine needs TypeScript among the dependencies, and brings its own SDK.
    dependencies: { "@fairway/sdk": `^${own.version}`, typescript: own.dependencies["typescript"] },
    devDependencies: { "@dagger.io/dagger": own.devDependencies["@dagger.io/dagger"]?.replace("^", "") },
  };
}

/** The value: no import of Dagger, so that a test needs no engine. */
function pipelineText({ name }: Survey, { config }: Draft): string {
  const value = identifier(name);
  return [
    `import { pipeline } from "@fairway/sdk";`,
    "",
    `/** What is checked, built and deployed, and where to. */`,
    `export const ${value} = pipeline(${literal(config, "")});`,
    "",
  ].join("\n");
}

function classText(name: string, manifest: Manifest): string {
  const main = mainObject(manifest);
  const value = identifier(name);
  const className = value.charAt(0).toUpperCase() + value.slice(1);
  const [source] = main.constructorArguments;
  const ignore = JSON.stringify(source?.ignore ?? ["**/node_modules"]).replaceAll(",", ", ");
  return `import { argument, check as checkFunction, dag, func, object, type Directory, type File, type Secret } from "@dagger.io/dagger";
import { asEngineError } from "@fairway/sdk";
import { ${value} } from "./${name}.ts";

${enumsText(manifest)}

/** Delivers ${name} */
@object()
export class ${className} {
  private source: Directory;
  private secrets?: Secret;
  private ref: string;

  /**
${main.constructorArguments.map(({ name: argument, description }) => `   * @param ${argument} ${description}`).join("\n")}
   */
  constructor(
    @argument({ defaultPath: "/", ignore: ${ignore} }) source: Directory,
    secrets?: Secret,
    ref: string = "",
  ) {
    this.source = source;
    if (secrets !== undefined) this.secrets = secrets;
    this.ref = ref;
  }

${main.functions.map((definition) => methodText(definition)).join("\n\n")}

  private pipeline() {
    return ${value}.with(dag, { source: this.source, secrets: this.secrets, ref: this.ref });
  }
}
`;
}

/** Those that the functions take: an enum of the module's own stands in its own files. */
function enumsText(manifest: Manifest): string {
  const used = mainObject(manifest).functions.flatMap((definition) =>
    definition.arguments.flatMap(({ type }) => (type.kind === "enum" ? [type.name] : [])),
  );
  return [...new Set(used)]
    .flatMap((name) => manifest.enums[name] ?? [])
    .map(({ name, description, members }) =>
      [
        ...(description === "" ? [] : [`/** ${description} */`]),
        `export enum ${name} {`,
        ...members.map((member) => `  ${member.name} = ${JSON.stringify(member.value)},`),
        "}",
        "",
      ].join("\n"),
    )
    .join("\n");
}

function methodText({ name, description, arguments: wanted, cache, isCheck }: FunctionDefinition): string {
  const docs = [
    description,
    ...(wanted.length > 0 ? [""] : []),
    ...wanted.map((one) => `@param ${one.name} ${one.description}`),
  ];
  const cached = cache === null ? "" : `{ cache: ${JSON.stringify(cache)} }`;
  return [
    "  /**",
    ...docs.map((line) => `   * ${line}`.trimEnd()),
    "   */",
    `  @func(${cached})`,
    ...(isCheck ? ["  @checkFunction()"] : []),
    `  async ${name}(${wanted.map(parameter).join(", ")}): Promise<string> {`,
    `    return asEngineError(dag, () => this.pipeline().${name}(${values(name, wanted)}));`,
    "  }",
  ].join("\n");
}

/** What a pipeline takes together, as one object; the command line has a flag for each. */
const together: Readonly<Record<string, readonly string[]>> = {
  check: ["affected", "base"],
  migrations: ["file", "after", "postgres", "measure", "database", "explain"],
  plan: ["from", "rollback", "to", "backup", "emergency", "reason", "ticket"],
  deploy: ["plan", "emergency", "reason", "ticket"],
  promote: ["plan", "emergency", "reason", "ticket"],
  history: ["limit"],
  rollback: ["to", "plan", "reason", "emergency", "ticket"],
  restore: ["backup", "plan", "reason", "confirm", "emergency", "ticket"],
  maintenance: ["on", "off", "reason"],
  resume: ["answer", "operation"],
  verify: ["record", "head"],
};

function values(name: string, wanted: readonly ArgumentDefinition[]): string {
  const options = together[name] ?? [];
  const spelled = wanted.map((one) =>
    one.name === options[0] ? `{ ${options.join(", ")} }` : options.includes(one.name) ? "" : one.name,
  );
  return spelled.filter((one) => one !== "").join(", ");
}

function parameter({ name, type, optional, defaultValue }: ArgumentDefinition): string {
  if (type.kind === "enum") return `${name}: ${type.name} = ${type.name}.${String(defaultValue)}`;
  if (type.kind === "object") return `${name}${optional ? "?" : ""}: ${type.name}`;
  const spelled =
    { list: "string[]", boolean: "boolean", integer: "number" }[type.kind as string] ?? "string";
  return optional ? `${name}: ${spelled} = ${JSON.stringify(defaultValue)}` : `${name}: ${spelled}`;
}

function identifier(name: string): string {
  const camel = name.replace(/-+(\w)/g, (_, letter: string) => letter.toUpperCase());
  return /^\d/.test(camel) ? `app${camel}` : camel;
}

/** A value as TypeScript writes it. */
function literal(value: unknown, margin: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, margin)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${margin}  `;
  const members = Object.entries(value).map(
    ([key, member]) => `${inner}${property(key)}: ${literal(member, inner)},`,
  );
  return members.length === 0 ? "{}" : `{\n${members.join("\n")}\n${margin}}`;
}

function property(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
