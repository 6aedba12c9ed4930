/**
 * The part of the SDK's module scanner that is used here. The package does not export it and has no types for it
 * outside of the package; version 0.21 is what dagger.json names.
 */
export interface Scanner {
  readonly scan: (
    files: readonly string[],
    moduleName: string,
    loadModule: boolean,
  ) => Promise<ScannedModule>;
}

export interface ScannedModule {
  readonly name: string;
  readonly description?: string;
  readonly objects: Readonly<Record<string, ScannedObject>>;
  readonly enums: Readonly<Record<string, ScannedEnum>>;
  readonly interfaces: Readonly<Record<string, { readonly name: string }>>;
}

export interface ScannedObject {
  readonly name: string;
  readonly description?: string;
  readonly _constructor?: { readonly arguments: Readonly<Record<string, ScannedArgument>> };
  readonly methods: Readonly<Record<string, ScannedFunction>>;
  readonly properties: Readonly<Record<string, ScannedProperty>>;
  readonly node: ScannedNode;
  kind(): "class" | "object";
}

/** A node of the syntax tree of the TypeScript that the SDK brings. */
export interface ScannedNode {
  getSourceFile(): { readonly fileName: string };
  getStart(): number;
}

export interface ScannedProperty {
  readonly name: string;
  readonly alias?: string;
  readonly description?: string;
  readonly deprecated?: string;
  readonly type?: ScannedType;
  readonly isExposed: boolean;
}

export interface ScannedFunction {
  readonly name: string;
  readonly alias?: string;
  readonly description?: string;
  readonly deprecated?: string;
  readonly cache?: string;
  readonly isCheck: boolean;
  readonly isGenerator: boolean;
  readonly isUp: boolean;
  readonly arguments: Readonly<Record<string, ScannedArgument>>;
  readonly returnType?: ScannedType;
}

export interface ScannedArgument {
  readonly name: string;
  readonly description?: string;
  readonly type?: ScannedType;
  readonly isVariadic: boolean;
  readonly isOptional: boolean;
  readonly isNullable: boolean;
  readonly defaultValue?: unknown;
  readonly defaultPath?: string;
  readonly defaultAddress?: string;
  readonly ignore?: readonly string[];
}

export interface ScannedEnum {
  readonly name: string;
  readonly description?: string;
  readonly values: Readonly<
    Record<string, { readonly name: string; readonly value: string; readonly description?: string }>
  >;
}

export interface ScannedType {
  readonly kind: string;
  readonly name?: string;
  readonly typeDef?: ScannedType;
}
