/** Something that works in TypeScript and not in a Dagger engine: measured on a 0.21.8 engine. */
export interface Trap {
  readonly section: "Layout and loading" | "Names" | "Types and state" | "Calling" | "Caching";
  /** As it stands in the docs. */
  readonly trap: string;
  /** What the engine does. */
  readonly engine: string;
  /** Of a module in which nothing else is wrong. The file that the problem is told of has a name of its own. */
  readonly files: Readonly<Record<string, string>>;
  /** Where the problem is told. */
  readonly place: string;
}

/** One class in a file of its own; line 2 is the first of `members`. */
const inClass = (members: string, imports = "", before = "") =>
  `import { argument, check, field, func, object } from "@dagger.io/dagger"; ${imports} ${before} @object() export class Trap {\n${members}\n}\n`;
const manifest = (content: object) => JSON.stringify(content, null, 1);
const main = `import { func, object } from "@dagger.io/dagger";\n@object()\nexport class Demo {\n  @func() hello(): string { return "hello" }\n}\n`;

const loadFails = "The module does not load: no function can be called.";
const callFails = "`dagger functions` lists all of them, and every call fails.";
const isGone =
  "The function is skipped: `dagger functions` does not list it, and `dagger call` does not know it.";

export const traps: readonly Trap[] = [
  {
    section: "Layout and loading",
    trap: "The main class is not named after the module",
    engine: "`No functions found.`, with exit code 0.",
    files: { "src/index.ts": main.replace("Demo", "Pipeline") },
    place: "src/index.ts:3",
  },
  {
    section: "Layout and loading",
    trap: "The main class has no `@object()`",
    engine: loadFails,
    files: { "src/index.ts": main.replace("@object()", "") },
    place: "src/index.ts:3",
  },
  {
    section: "Layout and loading",
    trap: "A test under `src`",
    engine:
      "Every `.ts` and `.mts` file under `src` is imported at each call, whether another refers to it or not; the test runner is not installed there.",
    files: { "src/shop.test.ts": `import { test } from "node:test";\ntest("a", () => {});\n` },
    place: "src/shop.test.ts:1",
  },
  {
    section: "Layout and loading",
    trap: "A file under `src` that throws when it is imported",
    engine: callFails,
    files: {
      "src/throws.ts": `if (process.env["TOKEN"] === undefined)\n  throw new Error("TOKEN");\nexport {};\n`,
    },
    place: "src/throws.ts:2",
  },
  {
    section: "Layout and loading",
    trap: "A file under `src` that imports a devDependency",
    engine: `${callFails} Only \`dependencies\` are installed.`,
    files: { "src/development.ts": `import { build } from "esbuild";\nexport const run = build;\n` },
    place: "src/development.ts:1",
  },
  {
    section: "Layout and loading",
    trap: "A file under `src` that imports what package.json does not name",
    engine: callFails,
    files: { "src/unknown.ts": `import { parse } from "yaml";\nexport const read = parse;\n` },
    place: "src/unknown.ts:1",
  },
  {
    section: "Layout and loading",
    trap: "An import of a file that `include` of dagger.json leaves out",
    engine: "The file is not uploaded, and every call fails.",
    files: {
      "src/host/local.ts": `export const local = "";\n`,
      "src/reaches.ts": `export const read = async () => (await import("./host/local.ts")).local;\n`,
    },
    place: "src/reaches.ts:1",
  },
  {
    section: "Layout and loading",
    trap: "A library that imports `@dagger.io/dagger` by value",
    engine: "`ERR_MODULE_NOT_FOUND` at every call: only the module's own files find the SDK.",
    files: {
      "node_modules/steps/package.json": manifest({
        name: "steps",
        main: "index.js",
        peerDependencies: { "@dagger.io/dagger": "*" },
      }),
      "node_modules/steps/index.js": `export * from "./node.js";\n`,
      "node_modules/steps/node.js": `import { dag } from "@dagger.io/dagger";\nexport const node = () => dag.container();\n`,
      "src/library.ts": `import { node } from "steps";\nexport const step = node;\n`,
    },
    place: "src/library.ts:1",
  },
  {
    section: "Layout and loading",
    trap: "`ExecError`, `GraphQLRequestError` or `up`, imported by value",
    engine: "A SyntaxError at every call: the SDK inside the engine does not export them.",
    files: {
      "src/errors.ts": `import { ExecError } from "@dagger.io/dagger";\nexport const isExec = (error: unknown) => error instanceof ExecError;\n`,
    },
    place: "src/errors.ts:1",
  },
  {
    section: "Layout and loading",
    trap: "The same, through a name for all of the SDK",
    engine: "`undefined`, and so a TypeError where it is used.",
    files: {
      "src/space.ts": `import * as dagger from "@dagger.io/dagger";\nexport const isExec = (error: unknown) =>\n  error instanceof dagger.ExecError;\n`,
    },
    place: "src/space.ts:3",
  },
  {
    section: "Layout and loading",
    trap: "`typescript` among the devDependencies",
    engine: "`Cannot find package 'typescript'` at every call.",
    files: { "package.json": manifest({ devDependencies: { typescript: "^6.0.3" } }) },
    place: "package.json:3",
  },
  {
    section: "Layout and loading",
    trap: "`typescript` 5.9.3 exactly",
    engine: "The install fails with EBUSY.",
    files: { "package.json": manifest({ dependencies: { typescript: "5.9.3" } }), "package-lock.json": "{}" },
    place: "package.json:3",
  },
  {
    section: "Layout and loading",
    trap: "`typescript` 7",
    engine: "Every call fails: the SDK needs the JavaScript API that version 7 does not have.",
    files: {
      "package.json": manifest({ dependencies: { typescript: "^7.0.0" } }),
      "package-lock.json": "{}",
    },
    place: "package.json:3",
  },
  {
    section: "Layout and loading",
    trap: "`@dagger.io/dagger` among the dependencies",
    engine: "Works, and replaces the SDK that the engine brings: the first call took twice as long.",
    files: {
      "package.json": manifest({ dependencies: { "@dagger.io/dagger": "0.21.8" } }),
      "package-lock.json": "{}",
    },
    place: "package.json:3",
  },
  {
    section: "Layout and loading",
    trap: "A dependency by `file:` or `workspace:`",
    engine: "The install fails: the engine has package.json, the lockfile and .npmrc, and nothing else.",
    files: {
      "package.json": manifest({ dependencies: { shared: "workspace:*" } }),
      "package-lock.json": "{}",
    },
    place: "package.json:3",
  },
  {
    section: "Layout and loading",
    trap: "No lockfile",
    engine: "Yarn 1 installs whatever versions it finds.",
    files: { "package.json": manifest({ dependencies: { yaml: "^2.9.1" } }) },
    place: "package.json:2",
  },
  {
    section: "Layout and loading",
    trap: "A `prepare`, `install` or `postinstall` script",
    engine: "It runs where none of the module's files are.",
    files: { "package.json": manifest({ scripts: { prepare: "node build.js" } }) },
    place: "package.json:3",
  },
  {
    section: "Names",
    trap: "A function that is named `id`",
    engine: "The module is refused: the name is reserved.",
    files: { "src/function-id.ts": inClass(`@func() id(): string { return "" }`) },
    place: "src/function-id.ts:2",
  },
  {
    section: "Names",
    trap: "A field, or an alias, that is `id`",
    engine: "The same.",
    files: { "src/field-id.ts": inClass(`@func() a(): string { return "" }\n@field()\nid = ""`) },
    place: "src/field-id.ts:4",
  },
  {
    section: "Names",
    trap: "A type that is named like one of the engine's, e.g. an enum `Env`",
    engine: `\`Skipped 1 function(s) with unsupported types: deploy\`, then \`unknown command "deploy"\`.`,
    files: {
      "src/environments.ts": `export enum Env {\n  staging = "staging",\n}\n`,
      "src/uses-env.ts": inClass(
        `@func() a(env: Env): string { return env }`,
        `import { Env } from "./environments.ts";`,
      ),
    },
    place: "src/environments.ts:1",
  },
  {
    section: "Names",
    trap: "Functions of a base class or of a mixin",
    engine: "They are not exposed.",
    files: {
      "src/inherits.ts": inClass(`@func() a(): string { return "" }`, "", "class Base {}").replace(
        "class Trap",
        "class Trap extends Base",
      ),
    },
    place: "src/inherits.ts:1",
  },
  {
    section: "Types and state",
    trap: "A Map, a Record or another generic type in a signature",
    engine: loadFails,
    files: {
      "src/generic.ts": inClass("@func() a(\n  sizes: Map<string, string>): string { return String(sizes) }"),
    },
    place: "src/generic.ts:3",
  },
  {
    section: "Types and state",
    trap: "A union of string literals in a signature",
    engine: loadFails,
    files: { "src/union.ts": inClass('@func() a(\n  level: "low" | "high"): string { return level }') },
    place: "src/union.ts:3",
  },
  {
    section: "Types and state",
    trap: "An object type in a signature",
    engine: `${loadFails} An alias of one (\`type Size = { ... }\`) can be returned.`,
    files: {
      "src/object-type.ts": inClass(
        "@func() a(\n  size: { width: number }): string { return String(size.width) }",
      ),
    },
    place: "src/object-type.ts:3",
  },
  {
    section: "Types and state",
    trap: "A tuple in a signature",
    engine: loadFails,
    files: { "src/tuple.ts": inClass('@func() a():\n  [string, string] { return ["", ""] }') },
    place: "src/tuple.ts:3",
  },
  {
    section: "Types and state",
    trap: "A Date in a signature",
    engine: loadFails,
    files: { "src/date.ts": inClass("@func() a(since: Date): string { return String(since) }") },
    place: "src/date.ts:2",
  },
  {
    section: "Types and state",
    trap: "`any` or `unknown` in a signature",
    engine: loadFails,
    files: { "src/any.ts": inClass("@func() a(value: any): string { return String(value) }") },
    place: "src/any.ts:2",
  },
  {
    section: "Types and state",
    trap: "A type parameter in a signature",
    engine: loadFails,
    files: {
      "src/type-parameter.ts": inClass("@func() a<T extends string>(value: T): string { return value }"),
    },
    place: "src/type-parameter.ts:2",
  },
  {
    section: "Types and state",
    trap: "A class without `@object()` in a signature",
    engine: loadFails,
    files: {
      "src/plain-class.ts": inClass("@func() a(): Answer { return new Answer() }", "", "class Answer {}"),
    },
    place: "src/plain-class.ts:2",
  },
  {
    section: "Types and state",
    trap: "A type of an npm package in a signature",
    engine: loadFails,
    files: {
      "src/package-type.ts": inClass(
        "@func() a(plan: Plan): string { return String(plan) }",
        `import type { Plan } from "@fairway/sdk";`,
      ),
    },
    place: "src/package-type.ts:2",
  },
  {
    section: "Types and state",
    trap: "An interface as an argument",
    engine: isGone,
    files: {
      "src/interface.ts": inClass(
        "@func() a(options: Options): string { return options.name }",
        "",
        "interface Options { name: string }",
      ),
    },
    place: "src/interface.ts:2",
  },
  {
    section: "Types and state",
    trap: "An alias of a union as an argument",
    engine: isGone,
    files: {
      "src/alias.ts": inClass(
        "@func() a(level: Level): string { return level }",
        "",
        `type Level = "low" | "high";`,
      ),
    },
    place: "src/alias.ts:2",
  },
  {
    section: "Types and state",
    trap: "A fraction where the type is `number`",
    engine: "`number` is an integer.",
    files: { "src/fraction.ts": inClass("@func() a(share: number = 0.5): string { return String(share) }") },
    place: "src/fraction.ts:2",
  },
  {
    section: "Types and state",
    trap: "A fraction as the answer of a function that returns `number`",
    engine: "The same.",
    files: {
      "src/quotient.ts": inClass("@func() a(all: number, some: number): number {\n  return some / all;\n}"),
    },
    place: "src/quotient.ts:3",
  },
  {
    section: "Types and state",
    trap: "A default that is a fraction",
    engine:
      "The SDK reads the digits up to the first other sign: 1.5 is 1, in `dagger call --help` and in the function.",
    files: {
      "src/factor.ts": inClass(
        "@func() a(factor: float = 1.5): string { return String(factor) }",
        'import { type float } from "@dagger.io/dagger";',
      ),
    },
    place: "src/factor.ts:2",
  },
  {
    section: "Types and state",
    trap: "A default with `_`, `e` or another base in it: `1_000`, `1e3`, `0b11`, also as a constant",
    engine: "The same: `1_000` is 1.",
    files: {
      "src/grouped.ts": inClass(
        "@func() a(limit: number = most): string { return String(limit) }",
        "",
        "const most = 1_000;",
      ),
    },
    place: "src/grouped.ts:2",
  },
  {
    section: "Types and state",
    trap: "A property that is a Map or a Record, also a private one",
    engine: loadFails,
    files: {
      "src/record.ts": inClass(
        '@func() a(): string { return "" }\nprivate sizes: Record<string, number> = {};',
      ),
    },
    place: "src/record.ts:3",
  },
  {
    section: "Types and state",
    trap: "A property that is a function, also a private one",
    engine: loadFails,
    files: { "src/callback.ts": inClass('@func() a(): string { return "" }\nprivate later = () => "";') },
    place: "src/callback.ts:3",
  },
  {
    section: "Types and state",
    trap: "A property of a class without `@object()`, also a private one",
    engine: loadFails,
    files: {
      "src/plain-state.ts": inClass(
        '@func() a(): string { return "" }\nprivate state = "";\nprivate cart: Cart = new Cart();',
        "",
        "class Cart {}",
      ),
    },
    place: "src/plain-state.ts:4",
  },
  {
    section: "Types and state",
    trap: "A property `#x`",
    engine: "It is lost between calls: an object travels as JSON.",
    files: { "src/private-name.ts": inClass('@func() a(): string { return this.#x }\n#x = "";') },
    place: "src/private-name.ts:3",
  },
  {
    section: "Types and state",
    trap: "A parameter property of the constructor",
    engine: "The object breaks when it is returned.",
    files: {
      "src/parameter-property.ts": inClass(
        "constructor(private name: string) {}\n@func() a(): string { return this.name }",
      ),
    },
    place: "src/parameter-property.ts:2",
  },
  {
    section: "Calling",
    trap: "`@check()` on a function with an argument that must be given",
    engine: "`dagger check` passes over it.",
    files: { "src/check.ts": inClass("@func()\n@check()\nlint(folder: string): string { return folder }") },
    place: "src/check.ts:4",
  },
  {
    section: "Calling",
    trap: "A function that prints and answers nothing",
    engine: "What it prints appears in the progress on stderr alone.",
    files: { "src/prints.ts": inClass("@func() a(): void {\n  console.log(1);\n}") },
    place: "src/prints.ts:3",
  },
  {
    section: "Calling",
    trap: "A function that answers a secret's value",
    engine: "Secrets are hidden in what steps print, and not in what a function returns.",
    files: {
      "src/secret.ts": inClass(
        "@func() async a(token: Secret): Promise<string> {\n  return `token: ${await token.plaintext()}`;\n}",
        `import type { Secret } from "@dagger.io/dagger";`,
      ),
    },
    place: "src/secret.ts:3",
  },
  {
    section: "Calling",
    trap: "A pipeline's function that is called without `asEngineError`",
    engine: "Exit code 1, whatever the outcome is: an error's class, name and fields are lost.",
    files: {
      "src/outcome.ts": inClass(
        `@func({ cache: "never" }) async a(): Promise<string> {\n  return this.shop().check();\n}\nprivate shop() { return shop.with(dag, {}) }`,
        `import { dag } from "@dagger.io/dagger"; import { shop } from "./value.ts";`,
      ),
      "src/value.ts":
        'export const shop = { with: (_dag: unknown, _input: object) => ({ check: async () => "" }) };\n',
    },
    place: "src/outcome.ts:3",
  },
  {
    section: "Caching",
    trap: 'A function that deploys, promotes or goes back, without `cache: "never"`',
    engine:
      "It is answered from the cache for seven days: the second deploy says that it succeeded, and nothing was run.",
    files: {
      "src/deploys.ts": inClass(
        "@func()\nasync release(shop: string): Promise<string> { return pipeline(shop).deploy(shop) }",
        `import { pipeline } from "./pipeline.ts";`,
      ),
      "src/pipeline.ts":
        "export const pipeline = (name: string) => ({ deploy: async (_to: string) => name });\n",
    },
    place: "src/deploys.ts:2",
  },
  {
    section: "Caching",
    trap: "The same for `publish` and `export`, also through functions of other files",
    engine: "The same.",
    files: {
      "src/publishes.ts": inClass(
        `@func({ cache: "session" })\nasync push(): Promise<string> { return send() }`,
        `import { send } from "./send.ts";`,
      ),
      "src/send.ts": `import { dag } from "@dagger.io/dagger";\nexport const send = () => dag.container().publish("registry.example/shop");\n`,
    },
    place: "src/publishes.ts:2",
  },
  {
    section: "Caching",
    trap: "A function whose answer depends on the time, on chance or on a network",
    engine: "It gives the first answer again: a second `now` gave the same time.",
    files: { "src/clock.ts": inClass("@func() now(): string { return new Date().toISOString() }") },
    place: "src/clock.ts:2",
  },
  {
    section: "Caching",
    trap: 'A pipeline\'s `status`, `plan` or `check`, without `cache: "never"`',
    engine: "It shows what was so when it was first asked.",
    files: {
      "src/status.ts": inClass(
        "@func()\nasync status(): Promise<string> {\n  return asEngineError(dag, () => bound.with(dag, {}).status());\n}",
        `import { dag } from "@dagger.io/dagger"; import { asEngineError, bound } from "./bound.ts";`,
      ),
      "src/bound.ts":
        'export const asEngineError = (_dag: unknown, work: () => Promise<string>) => work();\nexport const bound = { with: (_dag: unknown, _input: object) => ({ status: async () => "" }) };\n',
    },
    place: "src/status.ts:2",
  },
];

/** Files of a module in which nothing is wrong. */
export const sound: Readonly<Record<string, string>> = {
  "dagger.json": manifest({ name: "demo", sdk: { source: "typescript" }, include: ["!src/host"] }),
  "package.json": manifest({
    dependencies: { "@fairway/sdk": "^0.1.0", steps: "1" },
    devDependencies: { esbuild: "1" },
  }),
  "package-lock.json": "{}",
  "src/index.ts": main,
};
