import { stripVTControlCharacters } from "node:util";

type Write = NodeJS.WriteStream["write"];

/** Draws on a terminal without being disturbed by what others write to it. */
export interface Drawing extends Disposable {
  /** Runs what draws: what that writes goes to the terminal as it is. */
  own(draw: () => void): void;
}

/**
 * Until it is disposed of, what anybody else writes to these streams is handed over line by line: written between two frames it
 * would stay in the middle of the picture. A module's console, a warning of Node's, a program that prints as it goes.
 */
export function drawBeside(
  streams: readonly NodeJS.WriteStream[],
  keep: (lines: readonly string[]) => void,
): Drawing {
  let isOwn = false;
  const restores = streams.map((stream) => {
    const { write } = stream as { readonly write: Write };
    let begun = "";
    const heard = ((chunk: string | Uint8Array, ...more: unknown[]) => {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      // A cursor that is shown or hidden leaves no mark.
      if (isOwn || stripVTControlCharacters(text) === "") {
        return Reflect.apply(write, stream, [chunk, ...more]) as boolean;
      }
      const lines = (begun + text).split("\n");
      begun = lines.pop() ?? "";
      if (lines.length > 0) keep(lines);
      const done = more.at(-1);
      if (typeof done === "function") queueMicrotask(done as () => void);
      return true;
    }) as Write;
    stream.write = heard;
    return () => {
      if (stream.write === heard) stream.write = write;
      if (begun !== "") stream.write(`${begun}\n`);
    };
  });
  return {
    own: (draw) => {
      const before = isOwn;
      isOwn = true;
      try {
        draw();
      } finally {
        isOwn = before;
      }
    },
    [Symbol.dispose]: () => {
      for (const restore of restores) restore();
    },
  };
}
