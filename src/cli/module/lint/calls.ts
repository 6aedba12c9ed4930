import ts from "typescript";
import type { ModuleProblem } from "./lint.ts";
import {
  decoratorOption,
  functionsOf,
  isDecorated,
  visit,
  type ModuleSource,
  type ObjectClass,
} from "./source.ts";

/** What a caller would not get: a check that is passed over, words that nobody sees, a secret that is not hidden. */
export function callProblems(source: ModuleSource): ModuleProblem[] {
  return source.objects.flatMap((object) =>
    functionsOf(object).flatMap((member) => [
      ...skippedCheck(object, member),
      ...unseenOutput(object, member),
      ...returnedSecret(object, member),
    ]),
  );
}

function skippedCheck({ file }: ObjectClass, member: ts.MethodDeclaration): ModuleProblem[] {
  if (!isDecorated(member, "check")) return [];
  const required = member.parameters.filter((parameter) => !isOptional(parameter));
  if (required.length === 0) return [];
  return [
    {
      rule: "skipped-check",
      place: file.placeOf(member.name),
      message: `dagger check passes over ${member.name.getText()}: ${required.map(({ name }) => name.getText()).join(", ")} must be given`,
      remedy: "give each argument a default, or take it in the constructor",
    },
  ];
}

function isOptional(parameter: ts.ParameterDeclaration): boolean {
  return (
    parameter.questionToken !== undefined ||
    parameter.initializer !== undefined ||
    parameter.dotDotDotToken !== undefined ||
    decoratorOption(parameter, "argument", "defaultPath") !== undefined ||
    decoratorOption(parameter, "argument", "defaultAddress") !== undefined ||
    /\|\s*null\b|\bnull\s*\|/.test(parameter.type?.getText() ?? "")
  );
}

function unseenOutput({ file }: ObjectClass, member: ts.MethodDeclaration): ModuleProblem[] {
  const { type, body } = member;
  if (body === undefined || !["void", "Promise<void>"].includes(type?.getText() ?? "void")) return [];
  const printed: ts.Node[] = [];
  visit(body, (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === "console.log") printed.push(node);
  });
  const hasAnswer = type === undefined && returnsOf(body).some(({ expression }) => expression !== undefined);
  const [first] = printed;
  if (first === undefined || hasAnswer) return [];
  return [
    {
      rule: "unseen-output",
      place: file.placeOf(first),
      message: `what ${member.name.getText()} prints is seen in the engine's progress only: dagger call prints the answer, and there is none`,
      remedy: "return the text",
    },
  ];
}

/** The engine hides secrets in what steps print, and not in what a function answers. */
function returnedSecret({ file }: ObjectClass, { body, name }: ts.MethodDeclaration): ModuleProblem[] {
  if (body === undefined) return [];
  const returned = returnsOf(body).filter(
    ({ expression }) => expression !== undefined && isPlaintext(expression),
  );
  return returned.map((node) => ({
    rule: "returned-secret" as const,
    place: file.placeOf(node),
    message: `${name.getText()} answers a secret's value, which is printed as it is`,
    remedy: "return the Secret itself, or give it to a step by withSecretVariable",
  }));
}

function isPlaintext(node: ts.Expression): boolean {
  if (ts.isAwaitExpression(node) || ts.isParenthesizedExpression(node)) return isPlaintext(node.expression);
  if (ts.isTemplateExpression(node))
    return node.templateSpans.some(({ expression }) => isPlaintext(expression));
  if (ts.isBinaryExpression(node)) return isPlaintext(node.left) || isPlaintext(node.right);
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === "plaintext"
  );
}

/** Of the function itself, not of those inside it. */
function returnsOf(body: ts.Block): readonly ts.ReturnStatement[] {
  const found: ts.ReturnStatement[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node)) found.push(node);
    ts.forEachChild(node, look);
  };
  ts.forEachChild(body, look);
  return found;
}
