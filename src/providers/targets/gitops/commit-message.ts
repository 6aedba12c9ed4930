import type { OperationContext } from "../../../model/target.ts";

/** `Release 4f2a9c1 to staging: api, web`, and trailers that git and people can search for. */
export function commitMessage(
  subject: string,
  trailers: Readonly<Record<string, string | number | undefined>>,
): string {
  const lines = Object.entries(trailers).flatMap(([name, value]) =>
    value === undefined ? [] : [`Fairway-${name}: ${oneLine(String(value))}`],
  );
  return `${oneLine(subject)}\n\n${lines.join("\n")}\n`;
}

/** What each commit of an operation says of it. */
export function trailersOf(
  environment: string,
  { operationId, fencingToken }: OperationContext,
  actor: string | undefined,
) {
  return {
    Environment: environment,
    Deployment: operationId.split("/")[0] ?? operationId,
    Operation: operationId,
    Token: fencingToken,
    Actor: actor,
  };
}

/** Git wants a name and an address; where the actor has none, the address is one that cannot exist. */
export function authorOf(actor: string | undefined): { readonly name: string; readonly email: string } {
  const plain = oneLine(actor ?? "").replace(/[<>]/g, "");
  return plain === ""
    ? { name: "Fairway", email: "fairway@localhost" }
    : { name: `Fairway for ${plain}`, email: "fairway@localhost" };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
