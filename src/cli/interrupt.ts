/** Ctrl-C and SIGTERM: the first asks for an end in order, the second ends at once. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
  /** 130 or 143 once a signal has come. */
  exitCode(): number | undefined;
  /** Rejects with Abandoned when the end in order takes too long. */
  readonly overdue: Promise<never>;
}

/** What was asked to end in order, and is not waited for any longer: nobody knows how far it came. */
export class Abandoned extends Error {
  override readonly name = "Abandoned";
}

const numbers = { SIGINT: 2, SIGTERM: 15 } as const;
const graceMs = 20_000;

export function listenForInterrupt(tell: (text: string) => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let giveUp: (reason: Error) => void = () => undefined;
  const overdue = new Promise<never>((_, reject) => (giveUp = reject));
  overdue.catch(() => undefined);

  const onSignal = (name: NodeJS.Signals) => {
    const code = 128 + numbers[name as keyof typeof numbers];
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    tell("stopping in order; once more to stop at once");
    controller.abort(new Error(`stopped by ${name}`));
    setTimeout(() => {
      giveUp(new Abandoned("the end in order took too long"));
    }, graceMs).unref();
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, onSignal);
  return {
    signal: controller.signal,
    overdue,
    exitCode: () => exitCode,
    [Symbol.dispose]: () => {
      for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, onSignal);
    },
  };
}
