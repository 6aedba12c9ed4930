import { expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { isFairwayError } from "../../../src/model/errors.ts";

const script = { name: "docs", script: "docs:check" };
const confirm = { name: "dashboards", confirm: "they are as usual" };

function problemsOf(production: Record<string, unknown>): string {
  try {
    validateConfig(
      {
        name: "shop",
        services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
        environments: { production: { target: "local", ...production } },
      },
      "fairway.yaml",
    );
    return "";
  } catch (error) {
    if (isFairwayError(error)) return `${error.place ?? ""} ${error.message}\n${error.output ?? ""}`;
    throw error;
  }
}

it("what people confirm needs approvals: scripts do not", () => {
  expect(problemsOf({ checklist: [script] })).toBe("");
  expect(problemsOf({ checklist: [script, confirm], approvals: { required: 1 } })).toBe("");
  expect(problemsOf({ checklist: [script, confirm] })).toMatch(/checklist\[1\]\.confirm.*needs `approvals`/);
});

it("an emergency that passes by the approvals passes by what they confirm, or has its own", () => {
  const settings = { checklist: [confirm], approvals: { required: 1 } };
  const skips = (...names: string[]) => problemsOf({ ...settings, emergency: { skips: names } });
  expect(skips("approvals")).toMatch(/emergency\.skips.*nobody confirms the checklist/);
  expect(skips("approvals", "checklist")).toBe("");
  expect(skips("windows")).toBe("");
});

it("an item has a name of its own, one kind, and one line", () => {
  expect(problemsOf({ checklist: [script, script] })).toMatch(/checklist\[1\]\.name.*listed twice/);
  expect(problemsOf({ checklist: [{ ...script, ...confirm }], approvals: {} })).toMatch(/checklist\[0\]/);
  const turned = { name: "dashboards", confirm: "fine\u202E" };
  expect(problemsOf({ checklist: [turned], approvals: {} })).toMatch(/must be one line/);
});
