/**
 * What the command line knows about a module without loading it: the functions of its classes with their arguments,
 * defaults and docstrings. Made by the SDK's own scanner (scan.ts); read here with nothing but JSON.
 */
export interface Manifest {
  readonly schema: 2;
  /** Name of the module's main class: `Fairway`. */
  readonly main: string;
  readonly description: string;
  readonly objects: Readonly<Record<string, ObjectDefinition>>;
  readonly enums: Readonly<Record<string, EnumDefinition>>;
}

export interface ObjectDefinition {
  readonly name: string;
  readonly description: string;
  /** Arguments of the constructor; empty without one. */
  readonly constructorArguments: readonly ArgumentDefinition[];
  /** In the order in which they are written. */
  readonly functions: readonly FunctionDefinition[];
  /** Its fields, exposed and private: what of an object travels between two calls. */
  readonly state: readonly StateField[];
  /** The file that declares the class, relative to the module's root; null for a type alias. */
  readonly file: string | null;
}

export interface StateField {
  /** The name in the object's JSON: the alias, or the property's own. */
  readonly name: string;
  /** The property of the class. */
  readonly member: string;
  readonly type: TypeReference;
}

export interface FunctionDefinition {
  /** The name in the API: the alias, or the method's own. */
  readonly name: string;
  /** The method of the class; for a field its property. */
  readonly member: string;
  readonly kind: "method" | "field";
  readonly description: string;
  /** What to use instead of a function that will go; null for one that stays. */
  readonly deprecated: string | null;
  readonly arguments: readonly ArgumentDefinition[];
  readonly returns: TypeReference;
  /** `never`, `session`, a duration such as `10s`, or null for the engine's default (seven days). */
  readonly cache: string | null;
  readonly isCheck: boolean;
  readonly isGenerator: boolean;
}

export interface ArgumentDefinition {
  readonly name: string;
  readonly description: string;
  readonly type: TypeReference;
  readonly optional: boolean;
  readonly variadic: boolean;
  /** Present where the type admits null, which a function then gets for what was not given. */
  readonly nullable?: true;
  /** A JSON value; absent when there is none, or when only the running code knows it. */
  readonly defaultValue?: string | number | boolean | null | readonly unknown[];
  readonly defaultPath?: string;
  readonly defaultAddress?: string;
  readonly ignore?: readonly string[];
}

export interface EnumDefinition {
  readonly name: string;
  readonly description: string;
  readonly members: readonly {
    readonly name: string;
    readonly value: string;
    readonly description: string;
  }[];
}

export type TypeReference =
  | { readonly kind: "string" | "integer" | "float" | "boolean" | "void" }
  | { readonly kind: "list"; readonly of: TypeReference }
  /** `name` is a class of the module or of the engine's API. */
  | { readonly kind: "object" | "enum" | "scalar" | "interface"; readonly name: string };

/** The main class, whose functions are the commands. */
export function mainObject(manifest: Manifest): ObjectDefinition {
  const object = manifest.objects[manifest.main];
  if (object === undefined) throw new Error(`the manifest has no class ${manifest.main}`);
  return object;
}
