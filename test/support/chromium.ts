import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const executable = "/usr/bin/chromium";

/** Why no page can be opened; undefined where it can. */
export const noChromium = existsSync(executable) ? undefined : `there is no ${executable}`;

export interface OpenedPage {
  /** Every address that it asked for, the page itself first. */
  readonly requests: readonly string[];
  /** What it wrote to its console, and what the browser said of it. */
  readonly messages: readonly string[];
  readonly evaluate: (expression: string) => Promise<unknown>;
  readonly send: (method: string, params?: object) => Promise<Record<string, unknown>>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
}

/** Opens a page in a browser without a window, over the DevTools protocol, and closes it after the work. */
export async function withPage<T>(file: string, work: (page: OpenedPage) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "fairway-chromium-"));
  const browser = spawn(
    executable,
    [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
      ...[`--user-data-dir=${profile}`, "--remote-debugging-port=0", "about:blank"],
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise((resolve) => browser.once("exit", resolve));
  try {
    const socket = await connect(await addressOf(profile));
    return await work(await open(socket, file));
  } finally {
    browser.kill("SIGKILL");
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** The browser writes where it listens into its profile. */
async function addressOf(profile: string): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    const text = await readFile(join(profile, "DevToolsActivePort"), "utf8").catch(() => "");
    const [port = ""] = text.split("\n");
    if (text.includes("\n")) {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
      const pages = (await answer.json()) as { type: string; webSocketDebuggerUrl: string }[];
      const page = pages.find(({ type }) => type === "page");
      if (page !== undefined) return page.webSocketDebuggerUrl;
    }
    await sleep(100);
  }
  throw new Error("chromium did not start");
}

function connect(address: string): Promise<WebSocket> {
  const socket = new WebSocket(address);
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => {
      resolve(socket);
    });
    socket.addEventListener("error", () => {
      reject(new Error("chromium does not answer"));
    });
  });
}

async function open(socket: WebSocket, file: string): Promise<OpenedPage> {
  const requests: string[] = [];
  const messages: string[] = [];
  const waiting = new Map<number, (result: Record<string, unknown>) => void>();
  let loaded = () => {};
  const load = new Promise<void>((resolve) => (loaded = resolve));
  socket.addEventListener("message", ({ data }) => {
    const { id, method, params = {}, result = {} } = JSON.parse(String(data)) as Message;
    if (id !== undefined) waiting.get(id)?.(result);
    if (method === "Network.requestWillBeSent") requests.push((params["request"] as { url: string }).url);
    if (
      method === "Runtime.consoleAPICalled" ||
      method === "Log.entryAdded" ||
      method === "Runtime.exceptionThrown"
    )
      messages.push(JSON.stringify(params));
    if (method === "Page.loadEventFired") loaded();
  });
  let last = 0;
  const send = (method: string, params: object = {}) =>
    new Promise<Record<string, unknown>>((resolve) => {
      waiting.set(++last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  for (const domain of ["Page", "Network", "Runtime", "Log"]) await send(`${domain}.enable`);
  await send("Page.navigate", { url: `file://${file}` });
  await load;
  const evaluate = async (expression: string) => {
    const { result } = await send("Runtime.evaluate", { expression, returnByValue: true });
    return (result as { value?: unknown } | undefined)?.value;
  };
  return { requests, messages, send, evaluate };
}
