import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type {
  ArgumentDefinition,
  EnumDefinition,
  FunctionDefinition,
  Manifest,
  ObjectDefinition,
  StateField,
  TypeReference,
} from "./manifest.ts";
import type {
  ScannedArgument,
  ScannedEnum,
  ScannedFunction,
  ScannedModule,
  ScannedObject,
  ScannedProperty,
  ScannedType,
  Scanner,
} from "./scanner.ts";

export interface ScanRequest {
  /** The module's name in dagger.json; its main class is this name in PascalCase. */
  readonly name: string;
  /** The directory that paths in the manifest are relative to. */
  readonly root: string;
  /** Absolute paths of every TypeScript file that the engine would load. */
  readonly files: readonly string[];
  /** Absolute path of a file named client.gen.ts (see client-types.ts). */
  readonly clientTypes: string;
  /** Directory of the @dagger.io/dagger package. */
  readonly sdk: string;
}

export interface ScanResult {
  readonly manifest: Manifest;
  /** What the scanner printed: a missing export, a default value that it could not read. */
  readonly warnings: readonly string[];
}

/** Reads a module's classes with the SDK's own scanner; runs none of its code. Throws what the scanner throws. */
export async function scanModule(request: ScanRequest): Promise<ScanResult> {
  const { scan } = (await import(scannerUrl(request.sdk))) as Scanner;
  const warnings: string[] = [];
  const restore = collectWarnings(warnings);
  try {
    // `false`: with true it would import every file.
    const scanned = await scan([...request.files, request.clientTypes], request.name, false);
    return { manifest: toManifest(scanned, request.root), warnings };
  } finally {
    restore();
  }
}

function scannerUrl(sdk: string): string {
  return pathToFileURL(join(sdk, "dist/src/module/introspector/index.js")).href;
}

/** The scanner speaks by console.warn only, and is synchronous once it is loaded. */
function collectWarnings(into: string[]): () => void {
  const { warn, debug } = console;
  console.warn = console.debug = (...words: unknown[]) => void into.push(words.map(String).join(" "));
  return () => Object.assign(console, { warn, debug });
}

// The manifest is built from the scanner's objects: their JSON lacks cache, isCheck and isGenerator.
function toManifest(scanned: ScannedModule, root: string): Manifest {
  refuseUp(scanned);
  return {
    schema: 2,
    main: scanned.name,
    description: scanned.description ?? "",
    objects: mapValues(scanned.objects, (object) => toObject(object, root)),
    enums: mapValues(scanned.enums, toEnum),
  };
}

/** The package exports the decorator, the engine's runtime does not: importing it breaks every call. */
function refuseUp({ objects }: ScannedModule): void {
  for (const { name, methods } of Object.values(objects)) {
    const up = Object.values(methods).find(({ isUp }) => isUp);
    if (up === undefined) continue;
    throw new Error(
      `${name}.${up.name} carries @up, which the runtime of Dagger 0.21.8 does not export, so that every call of the module would fail; answer a Service from a plain @func() function`,
    );
  }
}

function toObject(object: ScannedObject, root: string): ObjectDefinition {
  const fields = Object.entries(object.properties).filter(([, property]) => property.isExposed);
  return {
    name: object.name,
    description: object.description ?? "",
    constructorArguments: Object.values(object._constructor?.arguments ?? {}).map(toArgument),
    functions: [
      ...fields.map(([name, property]) => fromProperty(name, property)),
      ...Object.entries(object.methods).map(([name, method]) => fromMethod(name, method)),
    ],
    state: Object.entries(object.properties).flatMap(([name, property]) => toState(name, property)),
    file: object.kind() === "class" ? relative(root, object.node.getSourceFile().fileName) : null,
  };
}

/** A field of a type that is unknown is none: an object that holds it cannot be answered. */
function toState(name: string, { name: member, type }: ScannedProperty): StateField[] {
  return type === undefined ? [] : [{ name, member, type: toType(type) }];
}

function fromProperty(name: string, property: ScannedProperty): FunctionDefinition {
  return {
    name,
    member: property.name,
    kind: "field",
    description: property.description ?? "",
    deprecated: property.deprecated ?? null,
    arguments: [],
    returns: toType(property.type),
    cache: null,
    isCheck: false,
    isGenerator: false,
  };
}

function fromMethod(name: string, method: ScannedFunction): FunctionDefinition {
  return {
    name,
    member: method.name,
    kind: "method",
    description: method.description ?? "",
    deprecated: method.deprecated ?? null,
    arguments: Object.values(method.arguments).map(toArgument),
    returns: toType(method.returnType),
    cache: method.cache ?? null,
    isCheck: method.isCheck,
    isGenerator: method.isGenerator,
  };
}

function toArgument(argument: ScannedArgument): ArgumentDefinition {
  const { defaultValue, defaultPath, defaultAddress, ignore } = argument;
  return {
    name: argument.name,
    description: argument.description ?? "",
    type: toType(argument.type),
    // As the engine does it: a default, of whatever kind, makes an argument optional.
    optional:
      argument.isOptional ||
      defaultValue !== undefined ||
      defaultPath !== undefined ||
      defaultAddress !== undefined,
    variadic: argument.isVariadic,
    ...(argument.isNullable ? { nullable: true } : {}),
    ...(defaultValue === undefined ? {} : { defaultValue: defaultValue as string }),
    ...(defaultPath === undefined ? {} : { defaultPath }),
    ...(defaultAddress === undefined ? {} : { defaultAddress }),
    ...(ignore === undefined ? {} : { ignore }),
  };
}

function toEnum(scanned: ScannedEnum): EnumDefinition {
  return {
    name: scanned.name,
    description: scanned.description ?? "",
    members: Object.values(scanned.values).map(({ name, value, description }) => ({
      name,
      value,
      description: description ?? "",
    })),
  };
}

const kinds: Readonly<Record<string, TypeReference["kind"]>> = {
  STRING_KIND: "string",
  INTEGER_KIND: "integer",
  FLOAT_KIND: "float",
  BOOLEAN_KIND: "boolean",
  VOID_KIND: "void",
  LIST_KIND: "list",
  OBJECT_KIND: "object",
  ENUM_KIND: "enum",
  SCALAR_KIND: "scalar",
  INTERFACE_KIND: "interface",
};

function toType(type: ScannedType | undefined): TypeReference {
  const kind = kinds[type?.kind ?? ""] ?? kinds[`${type?.kind ?? ""}_KIND`];
  if (type === undefined || kind === undefined)
    throw new Error(`a type of no known kind: ${String(type?.kind)}`);
  if (kind === "list") return { kind, of: toType(type.typeDef) };
  if (kind === "object" || kind === "enum" || kind === "scalar" || kind === "interface")
    return { kind, name: type.name ?? "" };
  return { kind };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
