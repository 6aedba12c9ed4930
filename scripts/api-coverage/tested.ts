import { join, relative } from "node:path";
import ts from "typescript";

/** The fields that tests of the engine ask for through the client, each with the first test file that does. */
export function testedFields(root: string): ReadonlyMap<string, string> {
  const folder = join(root, "test/engine");
  const files = ts.sys.readDirectory(folder, [".ts"]);
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const fields = new Map<string, string>();
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source === undefined) continue;
    const look = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node)) {
        const declaration = checker.getSymbolAtLocation(node.name)?.declarations?.[0];
        const owner = declaration?.parent;
        if (
          owner !== undefined &&
          ts.isClassDeclaration(owner) &&
          owner.getSourceFile().fileName.endsWith("client.gen.d.ts")
        ) {
          const type = owner.name?.text === "Client" ? "Query" : (owner.name?.text ?? "");
          const name = `${type}.${node.name.text.replace(/_$/, "")}`;
          if (!fields.has(name)) fields.set(name, relative(root, file));
        }
      }
      ts.forEachChild(node, look);
    };
    look(source);
  }
  return fields;
}
