import type { ShopAddresses } from "../load/mix.ts";
import { LoadRecord, type LoadReport } from "../load/report.ts";
import { keptAlive, send, type Outcome, type RequestKind } from "../load/request.ts";
import type { Answer, Reading } from "./together.ts";

/** What was sent and answered since somebody last asked. */
export interface Period {
  readonly report: LoadReport;
  /** Of the api, in the order in which they came. */
  readonly answers: readonly Answer[];
  /** Orders that were looked at again, and had what was written. */
  readonly readings: readonly Reading[];
}

/** An order that was taken, and what must be found of it for ever. */
interface TakenOrder {
  readonly reference: string;
  readonly number: number;
  /** Null where the web took it: it does not say which release of the api wrote it. */
  readonly writtenBy: string | null;
}

const timeoutMs = 15_000;

/**
 * Customers at a steady rate: three of ten order, each with an address of his own, and look twice at once at what was taken; the
 * others look at orders of a moment ago, and of long ago. An answer with another address, or without one, is a failure.
 * Nothing is tried twice.
 */
export class Buyers {
  readonly #addresses: ShopAddresses;
  readonly #agent = keptAlive(64);
  readonly #orders: TakenOrder[] = [];
  readonly #timer: NodeJS.Timeout;
  /** What customers have not finished yet. */
  readonly #busy = new Set<Promise<void>>();
  #now = emptyPeriod();
  #started = 0;

  constructor(addresses: ShopAddresses, requestsPerSecond = 50) {
    this.#addresses = addresses;
    const began = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - began) / 1_000) * requestsPerSecond;
      while (this.#started < due) {
        const visit = this.#visit(this.#started++).finally(() => this.#busy.delete(visit));
        this.#busy.add(visit);
      }
    }, 5);
  }

  /** How many orders were taken so far. */
  get orders(): number {
    return this.#orders.length;
  }

  /** What was since the last call, when all of it is answered; what is sent from now on counts for the next. */
  async period(): Promise<Period> {
    const period = this.#now;
    this.#now = emptyPeriod();
    await Promise.all(period.inFlight);
    return { report: period.record.report(), answers: period.answers, readings: period.readings };
  }

  /** Sends nothing more but one question for each order that was ever taken. */
  async readAll(): Promise<Period> {
    clearInterval(this.#timer);
    await Promise.all(this.#busy);
    await this.period();
    const waiting = [...this.#orders];
    const readOn = async () => {
      for (let order = waiting.pop(); order !== undefined; order = waiting.pop()) await this.#read(order);
    };
    await Promise.all(Array.from({ length: 16 }, readOn));
    return this.period();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#agent.destroy();
  }

  #visit(number: number): Promise<void> {
    const turn = number % 10;
    const before = turn < 3 ? undefined : this.#chosen(number);
    if (before !== undefined) return this.#read(before);
    if (turn === 2) return this.#order(orderInWeb(this.#addresses.web, number), number);
    return this.#order(orderInApi(this.#addresses.api, number), number);
  }

  /** One of the last twenty, or any. */
  #chosen(number: number): TakenOrder | undefined {
    const count = this.#orders.length;
    const back = number % 2 === 0 ? (number * 3) % Math.min(count, 20) : (number * 7_919) % count;
    return this.#orders[count - 1 - back];
  }

  async #order(kind: RequestKind, number: number): Promise<void> {
    const { found, version } = await this.#send(kind);
    const { reference } = found;
    if (reference === undefined) return;
    const order = { reference, number, writtenBy: version };
    this.#orders.push(order);
    // While two releases serve, either of them may be asked.
    await this.#read(order);
    await this.#read(order);
  }

  async #read(order: TakenOrder): Promise<void> {
    const { readings } = this.#now;
    const { failure, version } = await this.#send(orderAgain(this.#addresses.api, order));
    if (failure === null && version !== null) readings.push({ writtenBy: order.writtenBy, readBy: version });
  }

  #send(kind: RequestKind): Promise<Outcome> {
    const { record, answers, inFlight } = this.#now;
    record.started();
    const answer = send(kind, this.#agent, timeoutMs).then((outcome) => {
      // The web has releases of its own: it stays at one whose image is the same.
      const ofApi = kind.name.startsWith("api") ? outcome : { ...outcome, version: null };
      record.ended(ofApi);
      if (ofApi.version !== null) answers.push({ version: ofApi.version, at: performance.now() });
      return ofApi;
    });
    inFlight.push(answer);
    return answer;
  }
}

function emptyPeriod() {
  const lists = { answers: [] as Answer[], readings: [] as Reading[], inFlight: [] as Promise<Outcome>[] };
  return { record: new LoadRecord(), ...lists };
}

const addressOf = (number: number) => `buyer-${String(number)}@harbour.example`;
const quantityOf = (number: number) => 1 + (number % 9);
const productId = 3;

function orderInApi(api: string, number: number): RequestKind {
  const lines = [{ productId, quantity: quantityOf(number) }];
  return {
    name: "api: order",
    method: "POST",
    url: new URL("/orders", api).href,
    body: JSON.stringify({ customerEmail: addressOf(number), lines }),
    expect: { status: 201, body: writtenAs(number, "(?<reference>[0-9a-f-]{36})") },
  };
}

function orderAgain(api: string, { reference, number }: TakenOrder): RequestKind {
  return {
    name: "api: order again",
    method: "GET",
    url: new URL(`/orders/${reference}`, api).href,
    expect: { status: 200, body: writtenAs(number, reference) },
  };
}

/** The page that thanks names the address to which a confirmation goes. */
function orderInWeb(web: string, number: number): RequestKind {
  const page = `<strong>(?<reference>[0-9a-f-]{36})</strong>[\\s\\S]*goes to ${literal(addressOf(number))}\\.`;
  return {
    name: "web: order",
    method: "POST",
    url: new URL("/orders", web).href,
    contentType: "application/x-www-form-urlencoded",
    body: new URLSearchParams({
      product: String(productId),
      quantity: String(quantityOf(number)),
      email: addressOf(number),
    }).toString(),
    expect: { status: 201, body: new RegExp(page) },
  };
}

/** All of the answer, but for the price. */
function writtenAs(number: number, reference: string): RegExp {
  const line = `\\{"productId":${String(productId)},"quantity":${String(quantityOf(number))},"unitPriceCents":\\d+\\}`;
  const address = literal(addressOf(number));
  return new RegExp(
    `^\\{"reference":"${reference}","customerEmail":"${address}","status":"PLACED","lines":\\[${line}\\],"totalCents":\\d+\\}$`,
  );
}

function literal(text: string): string {
  return text.replaceAll(".", "\\.");
}
