import { TransientFailure } from "./failures.ts";
import type { Transport } from "./transport.ts";

/** The bytes of a blob. Where the connection breaks, they go on from there, `attempts` times without a new byte. */
export async function* downloadBlob(
  transport: Transport,
  blob: { readonly url: URL; readonly scope: string; readonly action: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0;
  for (let failures = 0; ;) {
    const response = await transport.send({
      ...blob,
      method: "GET",
      headers: offset === 0 ? {} : { range: `bytes=${String(offset)}-` },
      expect: offset === 0 ? [200] : [200, 206],
    });
    // A registry need not know ranges: then it begins from the start.
    let skip = response.status === 206 ? 0 : offset;
    try {
      for await (const chunk of transport.bytes(response, blob.action)) {
        const fresh = chunk.subarray(Math.min(skip, chunk.byteLength));
        skip -= chunk.byteLength - fresh.byteLength;
        if (fresh.byteLength === 0) continue;
        offset += fresh.byteLength;
        failures = 0;
        yield fresh;
      }
      return;
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      if (++failures >= transport.attempts) throw error.error;
    }
  }
}
