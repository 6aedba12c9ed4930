import { PassThrough } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import { drawBeside, type Drawing } from "../../../src/cli/progress/beside.ts";

let stream: NodeJS.WriteStream;
let written: string[];
let drawing: Drawing;

beforeEach(() => {
  written = [];
  stream = new PassThrough() as unknown as NodeJS.WriteStream;
  stream.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  drawing = drawBeside([stream], (lines) => {
    drawing.own(() => stream.write(lines.map((line) => `[${line}]\n`).join("")));
  });
});

describe("what others write to a terminal that is drawn on", () => {
  test("is handed over line by line, and half a line when the drawing ends", () => {
    stream.write("one\ntwo");
    drawing.own(() => stream.write("a frame"));
    stream.write(Buffer.from(" and more\nhalf"));
    drawing[Symbol.dispose]();
    stream.write("after");
    expect(written.join("")).toBe("[one]\na frame[two and more]\nhalf\nafter");
  });

  test("passes where it only moves or shows the cursor", () => {
    stream.write("\u001b[?25h");
    stream.write("");
    expect(written.join("")).toBe("\u001b[?25h");
  });

  test("calls back whoever waits until it is written", async () => {
    await new Promise<void>((done) => {
      stream.write("a line\n", () => {
        done();
      });
    });
    expect(written).toEqual(["[a line]\n"]);
  });
});
