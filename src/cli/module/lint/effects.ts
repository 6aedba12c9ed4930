import ts from "typescript";
import { fileOf, importOf } from "./declared.ts";
import type { ModuleProblem } from "./lint.ts";
import { decoratorOption, functionsOf, visit, type ModuleSource, type ParsedFile } from "./source.ts";

/** Something that a function does, or looks at, beside its arguments. */
interface Reason {
  readonly kind: "changes" | "looks";
  readonly what: string;
}

interface Unit {
  readonly file: ParsedFile;
  readonly body: ts.Node;
  /** Of a method: its class. */
  readonly owner: ts.ClassDeclaration | null;
}

/** Names that say a change, whoever they are called on. */
const changes = new Set(["deploy", "promote", "rollback", "submitApproval", "publish", "export"]);
/** Names that are others' too, and say a change on a pipeline. */
const pipelineChanges = new Set([...changes, "restore", "resume", "abort", "down", "maintenance"]);
/** What gives another answer without another argument. */
const unsteady = new Set([
  "Date.now",
  "Math.random",
  "fetch",
  "randomUUID",
  "crypto.randomUUID",
  "performance.now",
]);

/** The engine answers a function from its cache for seven days, unless it is told otherwise. */
export function effectProblems(source: ModuleSource): ModuleProblem[] {
  return source.objects.flatMap((object) =>
    functionsOf(object).flatMap((member): ModuleProblem[] => {
      const unit = { file: object.file, body: member, owner: object.node };
      const cache = decoratorOption(member, "func", "cache");
      const reason = cache === "never" ? undefined : reasonOf(source, unit, new Set());
      const lost = outcomeLost(source, unit);
      const problems: ModuleProblem[] = lost === undefined ? [] : [lost];
      if (reason === undefined || (reason.kind === "looks" && cache !== undefined)) return problems;
      const span = cache === undefined ? "for seven days" : `as its policy says (${cache})`;
      const why =
        reason.kind === "changes" ? `it calls ${reason.what}` : `its answer depends on ${reason.what}`;
      return [
        ...problems,
        {
          rule: "cache",
          place: object.file.placeOf(member),
          message: `${member.name.getText()} is answered from the cache ${span}, and not run; ${why}`,
          remedy: `write @func({ cache: "never" })`,
        },
      ];
    }),
  );
}

/** The gravest thing that a function does, itself or through the module's other functions. */
function reasonOf(source: ModuleSource, unit: Unit, seen: Set<ts.Node>): Reason | undefined {
  if (seen.has(unit.body)) return undefined;
  seen.add(unit.body);
  const found: Reason[] = [];
  visit(unit.body, (node) => {
    const direct = ownReason(source, unit, node);
    const called =
      direct === undefined && ts.isCallExpression(node) ? calledUnit(source, unit, node) : undefined;
    const reason = direct ?? (called === undefined ? undefined : reasonOf(source, called, seen));
    if (reason !== undefined) found.push(reason);
  });
  return found.find(({ kind }) => kind === "changes") ?? found[0];
}

function ownReason(source: ModuleSource, unit: Unit, node: ts.Node): Reason | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && (node.arguments ?? []).length === 0)
    return { kind: "looks", what: "new Date()" };
  if (!ts.isCallExpression(node)) return undefined;
  const callee = node.expression.getText();
  if (unsteady.has(callee)) return { kind: "looks", what: callee };
  if (!ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { name, expression: receiver } = node.expression;
  if (receiver.kind === ts.SyntaxKind.ThisKeyword) return undefined;
  const isOfPipeline = isPipeline(source, unit, receiver);
  const changing = isOfPipeline ? pipelineChanges : changes;
  if (changing.has(name.text)) return { kind: "changes", what: name.text };
  return isOfPipeline && name.text !== "images"
    ? { kind: "looks", what: `the pipeline's ${name.text}` }
    : undefined;
}

/** `shop.with(dag, { source })`, a name for it, or a method of the class that answers it. */
function isPipeline(source: ModuleSource, unit: Unit, node: ts.Expression): boolean {
  if (ts.isAwaitExpression(node) || ts.isParenthesizedExpression(node))
    return isPipeline(source, unit, node.expression);
  if (ts.isIdentifier(node)) return isPipelineName(unit, node.text);
  if (!ts.isCallExpression(node)) return false;
  if (isBinding(node)) return true;
  const called = calledUnit(source, unit, node);
  return called !== undefined && holds(called.body, isBinding);
}

/** Two arguments: a container's `with` has one. */
function isBinding(node: ts.Node): boolean {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === "with" &&
    node.arguments.length === 2
  );
}

function isPipelineName({ body }: Unit, name: string): boolean {
  return holds(
    body,
    (node) =>
      ts.isVariableDeclaration(node) &&
      node.name.getText() === name &&
      node.initializer !== undefined &&
      isBinding(node.initializer),
  );
}

function holds(body: ts.Node, is: (node: ts.Node) => boolean): boolean {
  let found = false;
  visit(body, (node) => {
    found ||= is(node);
  });
  return found;
}

/** A function of the module's own that is called by its name, in this file or from another. */
function calledUnit(source: ModuleSource, unit: Unit, { expression }: ts.CallExpression): Unit | undefined {
  if (ts.isPropertyAccessExpression(expression) && expression.expression.kind === ts.SyntaxKind.ThisKeyword) {
    const method = unit.owner?.members.find(
      (member) => ts.isMethodDeclaration(member) && member.name.getText() === expression.name.text,
    );
    return method === undefined ? undefined : { ...unit, body: method };
  }
  return ts.isIdentifier(expression) ? namedUnit(source, unit.file, expression.text) : undefined;
}

function namedUnit(source: ModuleSource, file: ParsedFile, name: string): Unit | undefined {
  for (const statement of file.tree.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === name)
      return { file, body: statement, owner: null };
    if (ts.isVariableStatement(statement)) {
      const found = statement.declarationList.declarations.find((one) => one.name.getText() === name);
      const value = found?.initializer;
      if (value !== undefined && ts.isFunctionLike(value)) return { file, body: value, owner: null };
    }
    const from = importOf(statement, name);
    const target = from === undefined ? undefined : fileOf(source, file, from.specifier);
    if (from !== undefined && target !== undefined && target !== file)
      return namedUnit(source, target, from.name);
  }
  return undefined;
}

/** An error's class and exit code are lost between a module and its caller, unless it is one of the engine's. */
function outcomeLost(source: ModuleSource, unit: Unit): ModuleProblem | undefined {
  let bare: ts.CallExpression | undefined;
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === "asEngineError") return;
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      isPipeline(source, unit, node.expression.expression)
    )
      bare ??= node;
    ts.forEachChild(node, look);
  };
  look(unit.body);
  if (bare === undefined) return undefined;
  return {
    rule: "lost-outcome",
    place: unit.file.placeOf(bare),
    message:
      "dagger call ends with 1, whatever the pipeline's outcome is: the class and the fields of an error are lost",
    remedy: "write asEngineError(dag, () => ...) of @fairway/sdk around it",
  };
}
