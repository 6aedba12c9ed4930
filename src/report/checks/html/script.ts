import { createHash } from "node:crypto";
import { Markup } from "../../markup.ts";

/** Runs in the page. What it looks for is in the page's text already; it only hides. `/` goes to the search. */
const source = `
"use strict";
const form = document.getElementById("filters");
if (form) {
  const items = [...document.querySelectorAll("#findings > li")];
  const texts = new Map();
  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };
  const count = document.getElementById("count");
  const chosen = (name) => new Set([...form.querySelectorAll("input[name=" + name + "]:checked")].map(({ value }) => value));
  const apply = () => {
    const [severity, treatment, tool] = ["severity", "treatment", "tool"].map(chosen);
    const words = form.elements.text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const { severity: grave, treatment: treated, tools } = item.dataset;
      const matches = severity.has(grave) && treatment.has(treated) && tools.split(" ").some((one) => tool.has(one)) &&
        words.every((word) => textOf(item).includes(word));
      item.hidden = !matches;
      if (matches) shown += 1;
    }
    count.textContent = shown === items.length ? items.length + " findings" : shown + " of " + items.length + " findings";
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || document.activeElement.matches("input[type=search]")) return;
    event.preventDefault();
    form.elements.text.focus();
  });
  form.hidden = false;
  apply();
}
`;

export const script = new Markup(source);

/** The page runs this script and no other. */
export function scriptPolicy(): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}
