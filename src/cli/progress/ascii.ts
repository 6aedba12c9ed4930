/** One character for one, so that nothing moves. */
const spelled: Readonly<Record<string, string>> = {
  ...{ "✓": "+", "✗": "x", "◦": "o", "·": ".", "…": "~", "›": ">", "▸": ">", "◂": "<", "│": "|", "┃": "|" },
  ...{ "●": "o", "◆": "*", "─": "-", "├": "[", "┤": "]", "█": "#", "▒": "=", "░": "." },
  ...{ "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+", "▇": "*" },
  ...{ "⠋": "|", "⠙": "/", "⠹": "-", "⠸": "\\", "⠼": "|", "⠴": "/", "⠦": "-", "⠧": "\\", "⠇": "|", "⠏": "/" },
};

/** The signs of a progress as a terminal can show them that knows no other than ASCII. */
export function asciiSigns(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[^\u0000-\u007f]/gu, (sign) => spelled[sign] ?? sign);
}
