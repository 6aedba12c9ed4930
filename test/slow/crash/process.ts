/** Carries out what it is told in a process of its own, which kills itself in the middle. */
import { killingItself, type Cut } from "./killing.ts";
import { contextIn, type Place } from "./place.ts";
import { carryOut, type Wish } from "./wishes.ts";

/** A process without a cut goes on until somebody else kills it. */
export interface Order {
  readonly place: Place;
  readonly wish: Wish;
  readonly cut: Cut | null;
}

const [given = ""] = process.argv.slice(2);
const { place, wish, cut } = JSON.parse(given) as Order;
const context = await contextIn(place);
await carryOut(wish, cut === null ? context : killingItself(context, cut));
process.exit(0);
