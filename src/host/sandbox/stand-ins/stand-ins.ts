import type { LayerStore } from "../../layers/layers.ts";
import type { StandIn } from "../sandbox.ts";
import { baseLayer } from "./base.ts";

export class StandIns {
  readonly #store: LayerStore;
  constructor(store: LayerStore) {
    this.#store = store;
  }
  async of(reference: string): Promise<StandIn> {
    const base = await baseLayer(this.#store);
    return {
      reference,
      notes: [],
      variables: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
      defaultCommand: ["sh"],
      stack: [base],
    };
  }
}
