/** What the engine tells while it works; every text is free of secrets. */
export type EngineEvent =
  | { readonly type: "started"; readonly id: string; readonly command: string; readonly image: string | null }
  | {
      readonly type: "output";
      readonly id: string;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  | {
      readonly type: "finished";
      readonly id: string;
      readonly outcome: "done" | "cached" | "failed";
      /** null where no program was started. */
      readonly exitCode: number | null;
      readonly durationMs: number;
    }
  | { readonly type: "note"; readonly text: string };

/** Sends events on; says each note once. */
export class Events {
  readonly #emit: (event: EngineEvent) => void;
  readonly #said = new Set<string>();
  #next = 0;

  constructor(emit: (event: EngineEvent) => void) {
    this.#emit = emit;
  }

  emit(event: EngineEvent): void {
    this.#emit(event);
  }

  note(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#emit({ type: "note", text });
  }

  nextId(): string {
    return `step-${String(++this.#next)}`;
  }
}
