import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { expect, it } from "vitest";
import { noOutsideWorld, outsideWorld } from "../../support/outside-world.ts";
import { goProgram, trufflehog } from "./support/go-program.ts";
import { scannedRepository } from "./support/scanned.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const namespace = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';
const invalid = `<ErrorResponse ${namespace}><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code>
  <Message>The security token included in the request is invalid.</Message></Error></ErrorResponse>`;
const valid = `<GetCallerIdentityResponse ${namespace}><GetCallerIdentityResult>
  <Arn>arn:aws:iam::123456789012:user/Alice</Arn><UserId>AIDACKCEVSQ6C2EXAMPLE</UserId><Account>123456789012</Account>
  </GetCallerIdentityResult></GetCallerIdentityResponse>`;

it("trufflehog asks a loopback AWS whether a key works: a key that does, one that does not, and no answer are told apart", async ({
  skip,
}) => {
  if (noOutsideWorld !== undefined) skip(noOutsideWorld);
  const program = goProgram(trufflehog);
  if ("reason" in program) return skip(program.reason);
  let answer: readonly [status: number, body: string] = [403, invalid];
  const sts: RequestListener = (_, response) =>
    response.writeHead(answer[0], { "content-type": "text/xml" }).end(answer[1]);
  await using outside = await outsideWorld({ "sts.us-east-1.amazonaws.com": sts, "sts.amazonaws.com": sts });
  const path = `${program.folder}:${process.env["PATH"] ?? ""}`;
  await using repository = await scannedRepository("trufflehog", { ...outside.variables, PATH: path });

  const clean = await repository.fairway("check");
  expect(clean.exitCode, clean.output).toBe(0);
  expect(clean.stdout).toMatch(/trufflehog .*nothing found/);
  expect(clean.output).toMatch(/and its trufflehog 3\.96\.0$/m);
  expect(outside.asked).toEqual([]);

  // A new one each time: answers are kept for a day.
  const plant = async () => {
    const id = `AKIA${base32(16)}`;
    const secret = randomBytes(30).toString("base64");
    await repository.write("src/bucket.js", `export const id = "${id}";\nexport const key = "${secret}";\n`);
    const run = await repository.fairway("check", "--format", "json");
    expect(run.exitCode, run.output).toBe(1);
    expect(run.output).not.toContain(secret);
    expect(run.output).not.toContain(id);
    return run.stdout;
  };
  expect(await plant()).toContain('"verification":"unverified"');
  answer = [200, valid];
  expect(await plant()).toMatch(/"severity":"critical".*"verification":"verified"/);
  answer = [500, "<html>busy</html>"];
  expect(await plant()).toContain('"verification":"unknown"');
  expect([...outside.refused]).toEqual([]);
});

it("trufflehog that this machine has not is insufficient by its name", async () => {
  await using repository = await scannedRepository("trufflehog", { PATH: "/usr/bin:/bin" });
  const held = await repository.fairway("check");
  expect(held.exitCode, held.output).toBe(3);
  expect(held.output).toContain("has trufflehog, and this machine has none to stand in for it");
  expect(held.output).toContain("install trufflehog on this machine");
});

function base32(length: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return [...randomBytes(length)].map((byte) => letters[byte % 32]).join("");
}
