import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkReport, type CheckReport } from "../../../src/report/checks/checks.ts";
import { toolFinding } from "../../findings/examples.ts";
import { noChromium, type OpenedPage, withPage } from "../../support/chromium.ts";
import { evalFound, failed, hostileReport, lodash, passed, reportOf, scan, unsettled } from "./reports.ts";

const suppressed = { by: "source", reason: "a test of the parser" } as const;
const report = reportOf(
  ...[passed, failed, unsettled, scan("trivy", [lodash])],
  scan("semgrep", [
    evalFound,
    toolFinding({ rule: "wanted", suppressed, tool: "semgrep" }),
    toolFinding({ rule: "no-console", title: "console is used" }),
  ]),
);

it("lists every finding, with why it is treated so, and the output of what failed", () => {
  const page = checkReport("html", report);
  for (const text of ["greeting.test.js: expected hello", "an engine that has it", "a test of the parser"])
    expect(page).toContain(text);
  expect(page.match(/<li data-severity/g)).toHaveLength(4);
});

describe("in a browser", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "fairway-check-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function opened(content: CheckReport, work: (page: OpenedPage, file: string) => Promise<void>) {
    const file = join(directory, "check.html");
    await writeFile(file, checkReport("html", content));
    await withPage(file, (page) => work(page, file));
  }
  const shown =
    "[...document.querySelectorAll('#findings > li')].filter((item) => item.checkVisibility()).length";

  it("the filters hide what was not asked for, by keyboard alone", async (test) => {
    test.skip(noChromium !== undefined, noChromium);
    await opened(report, async ({ evaluate, send, messages }) => {
      const press = async (key: string, text?: string) => {
        const typed = text === undefined ? {} : { text };
        await send("Input.dispatchKeyEvent", { type: "keyDown", key, ...typed });
        await send("Input.dispatchKeyEvent", { type: "keyUp", key });
      };
      const focused = () => evaluate("document.activeElement.value ?? document.activeElement.tagName");
      expect(await evaluate(shown)).toBe(4);
      await press("/", "/");
      await send("Input.insertText", { text: "CONSOLE app.ts" });
      expect(await evaluate(shown)).toBe(1);
      expect(await evaluate("document.getElementById('count').textContent")).toBe("1 of 4 findings");
      await evaluate("document.querySelector('button[type=reset]').focus()");
      await press("Enter", "\r");
      await expect.poll(() => evaluate(shown)).toBe(4);
      // The first box after the search is what blocks.
      await evaluate("document.querySelector('input[type=search]').focus()");
      await send("Input.dispatchKeyEvent", {
        type: "keyDown",
        key: "Tab",
        code: "Tab",
        windowsVirtualKeyCode: 9,
      });
      expect(await focused()).toBe("block");
      await press(" ", " ");
      expect(await evaluate(shown)).toBe(2);
      expect(messages).toEqual([]);
    });
  }, 60_000);

  it("everything is listed without script, and no filter that would do nothing", async (test) => {
    test.skip(noChromium !== undefined, noChromium);
    await opened(report, async ({ evaluate, send, messages }) => {
      await send("Emulation.setScriptExecutionDisabled", { value: true });
      await send("Page.reload");
      await expect.poll(() => evaluate(shown)).toBe(4);
      expect(await evaluate("document.getElementById('filters').checkVisibility()")).toBe(false);
      expect(messages).toEqual([]);
    });
  }, 60_000);

  it("a hostile report runs nothing, asks the network for nothing, fits a phone, and has both schemes of colours", async (test) => {
    test.skip(noChromium !== undefined, noChromium);
    await opened(hostileReport(), async ({ requests, messages, evaluate, send }, file) => {
      expect(await evaluate(shown)).toBe(2);
      const colour = async (value: string) => {
        await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
        return evaluate("getComputedStyle(document.body).backgroundColor");
      };
      expect(await colour("light")).toBe("rgb(255, 255, 255)");
      expect(await colour("dark")).toBe("rgb(20, 24, 29)");
      const phone = { width: 380, height: 800, deviceScaleFactor: 1, mobile: true };
      await send("Emulation.setDeviceMetricsOverride", phone);
      expect(await evaluate("document.documentElement.scrollWidth <= 380")).toBe(true);
      expect(requests).toEqual([`file://${file}`]);
      expect(messages).toEqual([]);
    });
  }, 60_000);
});
