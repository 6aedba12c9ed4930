import { expect, it } from "vitest";
import { confirmItems } from "../../../src/cli/approve/confirm.ts";

const items = [{ name: "dashboards", confirm: "error rate and latency are as usual" }];

function confirming(answer: string | null, confirmed = false) {
  const said: string[] = [];
  const asked: string[] = [];
  const work = confirmItems(items, {
    confirmed,
    say: (text) => void said.push(text),
    ask: answer === null ? null : async (question) => (asked.push(question), answer),
    remedy: "npx fairway approve plan.json --confirm",
  });
  return { said, asked, work };
}

it("what is confirmed is shown, and asked for on a terminal", async () => {
  const { said, asked, work } = confirming("yes");
  await work;
  expect(said.join("")).toContain("dashboards: error rate and latency are as usual");
  expect(asked).toEqual(["Do you confirm all of it? [yes/no] "]);
});

it("whoever says --confirm is shown it and not asked", async () => {
  const { said, asked, work } = confirming("no", true);
  await work;
  expect(said).toHaveLength(1);
  expect(asked).toEqual([]);
});

it.each(["no", "", "yes please", "n"])("an answer of %j signs nothing", async (answer) => {
  await expect(confirming(answer).work).rejects.toMatchObject({ code: "NOT_CONFIRMED", exitCode: 1 });
});

it("where nobody can be asked it is wrong usage, and what to type is said", async () => {
  await expect(confirming(null).work).rejects.toMatchObject({
    code: "CONFIRMATION_MISSING",
    exitCode: 2,
    remedy: expect.stringContaining("npx fairway approve plan.json --confirm") as string,
  });
});

it("a plan without such items asks nothing", async () => {
  await confirmItems([], { confirmed: false, say: () => expect.fail(), ask: null, remedy: "" });
});
