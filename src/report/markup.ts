/** HTML that is safe to put into a page: made by `markup` alone. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Markup | string | readonly Part[];

/** A template whose values are text, unless they are markup themselves: nothing has to remember to escape. */
export function markup(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  const parts = strings.map(
    (string, index) => string + (index < values.length ? rendered(values[index]!) : ""),
  );
  return new Markup(parts.join(""));
}

function rendered(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return part.replace(/[&<>"'`]/g, (one) => `&#${String(one.charCodeAt(0))};`);
  return part.map(rendered).join("");
}

export function list(items: readonly Markup[], tag: "ul" | "ol" = "ul"): Markup {
  const name = new Markup(tag);
  return markup`<${name}>${items.map((item) => markup`<li>${item}</li>`)}</${name}>`;
}

/** @param rows of cells, each with its `<td>` */
export function table(heads: readonly string[], rows: readonly (readonly Markup[])[]): Markup {
  const head = heads.map((one) => markup`<th>${one}</th>`);
  const body = rows.map((cells) => markup`<tr>${cells}</tr>\n`);
  return markup`<div class="scroll"><table><thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}
