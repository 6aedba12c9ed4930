import pc from "picocolors";

/** What the audience reads: chapters, commands as they would be typed, and how long each chapter took. */
export class Narrator {
  readonly #chapters: { readonly title: string; readonly startedAt: number }[] = [];
  #endedAt: number | null = null;

  chapter(title: string): void {
    this.#chapters.push({ title, startedAt: performance.now() });
    const line = "─".repeat(Math.max(4, 92 - title.length));
    console.log(`\n${pc.bold(pc.cyan(`── ${title} ${line}`))}`);
  }

  say(text: string): void {
    console.log(pc.dim(text));
  }

  command(command: string): void {
    console.log(`\n${pc.green("$")} ${pc.bold(command)}`);
  }

  promise(text: string): void {
    console.log(`${pc.green("✓")} ${text}`);
  }

  /** The last chapter is over. */
  end(): void {
    this.#endedAt = performance.now();
  }

  summary(): string {
    const ends = [
      ...this.#chapters.slice(1).map((chapter) => chapter.startedAt),
      this.#endedAt ?? performance.now(),
    ];
    const rows = this.#chapters.map(({ title, startedAt }, index) => {
      const seconds = ((ends[index] ?? startedAt) - startedAt) / 1_000;
      return `  ${seconds.toFixed(1).padStart(6)} s  ${title}`;
    });
    const total = ((ends.at(-1) ?? 0) - (this.#chapters[0]?.startedAt ?? 0)) / 1_000;
    return [...rows, `  ${total.toFixed(1).padStart(6)} s  in all`].join("\n");
  }
}

/** A promise of the story that was not kept: what was expected, and what happened instead. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

export function expect(kept: boolean, otherwise: string): asserts kept {
  if (!kept) throw new BrokenPromise(otherwise);
}
