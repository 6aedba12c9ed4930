/** A stretch of text in one style. */
export interface Span {
  readonly text: string;
  /** An SGR foreground, 30 to 37 or 90 to 97; null for the terminal's own. */
  readonly color: number | null;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** One line of a terminal's output as styled stretches; what is not colour or weight is left out. */
export function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let style: Omit<Span, "text"> = plain;
  // eslint-disable-next-line no-control-regex -- escape sequences begin with a control character
  for (const part of line.split(/(\x1b\[[\d;?]*[A-Za-z])/)) {
    if (part.startsWith("\x1b[")) {
      if (part.endsWith("m"))
        for (const code of part.slice(2, -1).split(";")) style = styled(style, Number(code));
    } else if (part !== "") spans.push({ text: part, ...style });
  }
  return spans;
}

const plain: Omit<Span, "text"> = { color: null, bold: false, dim: false };

function styled(style: Omit<Span, "text">, code: number): Omit<Span, "text"> {
  if (code === 0) return plain;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, color: null };
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return { ...style, color: code };
  return style;
}
