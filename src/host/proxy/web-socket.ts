import type { Duplex } from "node:stream";

/** A WebSocket between a client and a replica. */
export interface CarriedWebSocket {
  /** Nothing of the client reaches the replica from now on; the client is told to come again, and both ends are ended. */
  close(): void;
}

/** FIN and opcode 8, two bytes: 1012, "Service Restart", upon which clients come again after 5 to 30 seconds (IANA's registry). */
const closeFrame = Buffer.from([0x88, 0x02, 0x03, 0xf4]);

/** To be called as soon as both are piped to each other, before anything has flowed. */
export function carryWebSocket(client: Duplex, replica: Duplex): CarriedWebSocket {
  const frames = followFrames();
  let closing = false;
  const sayGoodbye = () => {
    replica.off("data", onData);
    replica.resume();
    client.end(closeFrame);
    replica.end();
  };
  const onData = (chunk: Buffer) => {
    if (!closing) return void frames.follow(chunk);
    // A frame that has begun is sent to its end: only between two of them there is room for another one.
    client.write(chunk.subarray(0, frames.followToEnd(chunk)));
    if (frames.isBetween()) sayGoodbye();
  };
  replica.on("data", onData);
  return {
    close: () => {
      if (closing) return;
      closing = true;
      client.unpipe(replica);
      client.resume();
      client.once("close", () => replica.destroy());
      replica.unpipe(client);
      if (frames.isBetween()) sayGoodbye();
      else replica.resume();
    },
  };
}

interface Frames {
  follow(chunk: Buffer): void;
  /** Only as far as the frame goes that has begun. @returns how many bytes of the chunk that are */
  followToEnd(chunk: Buffer): number;
  /** True where no frame has begun. */
  isBetween(): boolean;
}

/** Follows frames (RFC 6455 section 5.2) without looking at what they carry. */
function followFrames(): Frames {
  let head: number[] = [];
  /** Of the frame's payload. */
  let leftBytes = 0;
  const isBetween = () => head.length === 0 && leftBytes === 0;
  /** @returns how many bytes it took */
  const step = (chunk: Buffer, from: number): number => {
    if (leftBytes > 0) {
      const took = Math.min(leftBytes, chunk.length - from);
      leftBytes -= took;
      return took;
    }
    head.push(chunk[from] ?? 0);
    if (head.length === headBytes(head)) {
      leftBytes = payloadBytes(Buffer.from(head));
      head = [];
    }
    return 1;
  };
  return {
    isBetween,
    follow: (chunk) => {
      for (let at = 0; at < chunk.length;) at += step(chunk, at);
    },
    followToEnd: (chunk) => {
      let at = 0;
      while (at < chunk.length && !isBetween()) at += step(chunk, at);
      return at;
    },
  };
}

function headBytes([, second = 0]: readonly number[]): number {
  const length = second & 0x7f;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & 0x80) === 0 ? 0 : 4);
}

function payloadBytes(head: Buffer): number {
  const length = (head[1] ?? 0) & 0x7f;
  if (length < 126) return length;
  return length === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2));
}
