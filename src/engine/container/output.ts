import { StringDecoder } from "node:string_decoder";
import type { Events } from "../events.ts";
import { Scrubber } from "../scrub.ts";
import type { ExecResult } from "./state.ts";

type Stream = "stdout" | "stderr";

/** What a step said, and the bytes of it: not every output is text. */
export interface Said {
  readonly result: ExecResult;
  readonly bytes: Readonly<Record<Stream, Buffer>>;
}

/** Takes the output of a step, scrubs it as it comes, keeps it and shows it. */
export class Output {
  readonly #chunks: Record<Stream | "combined", Buffer[]> = { stdout: [], stderr: [], combined: [] };
  readonly #scrubbers: Record<Stream, Scrubber>;
  readonly #shown: Record<Stream, { readonly scrubber: Scrubber; readonly decoder: StringDecoder }>;
  readonly #events: Events;
  readonly #id: string;

  /** `secrets` are the step's own; `shownWithout` all that must not be shown to people. */
  constructor(events: Events, id: string, secrets: readonly string[], shownWithout: readonly string[]) {
    this.#events = events;
    this.#id = id;
    const shown = () => ({ scrubber: new Scrubber(shownWithout), decoder: new StringDecoder() });
    this.#scrubbers = { stdout: new Scrubber(secrets), stderr: new Scrubber(secrets) };
    this.#shown = { stdout: shown(), stderr: shown() };
  }

  write(stream: Stream, chunk: Buffer): void {
    this.#keep(stream, this.#scrubbers[stream].write(chunk));
  }

  end(exitCode: number): Said {
    for (const stream of ["stdout", "stderr"] as const) {
      this.#keep(stream, this.#scrubbers[stream].end());
      const { scrubber, decoder } = this.#shown[stream];
      this.#show(stream, decoder.end(scrubber.end()));
    }
    const bytes = (stream: Stream | "combined") => Buffer.concat(this.#chunks[stream]);
    const [stdout, stderr] = [bytes("stdout"), bytes("stderr")];
    return {
      result: {
        exitCode,
        stdout: stdout.toString(),
        stderr: stderr.toString(),
        combined: bytes("combined").toString(),
      },
      bytes: { stdout, stderr },
    };
  }

  #keep(stream: Stream, clean: Buffer): void {
    if (clean.length === 0) return;
    this.#chunks[stream].push(clean);
    this.#chunks.combined.push(clean);
    const { scrubber, decoder } = this.#shown[stream];
    this.#show(stream, decoder.write(scrubber.write(clean)));
  }

  #show(stream: Stream, text: string): void {
    if (text !== "") this.#events.emit({ type: "output", id: this.#id, stream, text });
  }
}
