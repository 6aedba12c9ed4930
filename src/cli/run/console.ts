import { inspect, type InspectOptions } from "node:util";

/** Until it is disposed of, what a module logs goes to stderr: stdout is for the answer, which machines read. */
export function consoleOnStderr(): Disposable {
  const { log, info, debug, dir } = console;
  const toStderr = (...words: unknown[]) => {
    console.error(...words);
  };
  console.log = console.info = console.debug = toStderr;
  console.dir = (value: unknown, options?: InspectOptions) => {
    console.error(inspect(value, { customInspect: false, ...options }));
  };
  return {
    [Symbol.dispose]: () => {
      Object.assign(console, { log, info, debug, dir });
    },
  };
}
