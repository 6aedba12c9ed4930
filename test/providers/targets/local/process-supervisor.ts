import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runSupervisor } from "../../../../src/providers/targets/local/supervisor.ts";
import type { ReplicaRunner } from "../../../../src/providers/targets/local/runner.ts";

/** An image is the URL of a file: its replicas are plain processes of Node. */
const runner: ReplicaRunner = {
  open: (image) =>
    Promise.resolve({
      variables: { PATH: process.env["PATH"] ?? "" },
      start: ({ variables, onOutput }) => {
        const child = spawn(process.execPath, [fileURLToPath(image.reference)], {
          env: variables,
          stdio: ["ignore", "pipe", "pipe"],
        });
        child.stdout.on("data", (chunk: Buffer) => {
          onOutput("stdout", chunk);
        });
        child.stderr.on("data", (chunk: Buffer) => {
          onOutput("stderr", chunk);
        });
        const exited = new Promise<{ exitCode: number }>((resolve) => {
          child.once("close", (code) => {
            resolve({ exitCode: code ?? 128 });
          });
        });
        return Promise.resolve({
          processId: child.pid ?? 0,
          exited,
          stop: (graceMs) => {
            child.kill("SIGTERM");
            const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
            return exited.finally(() => {
              clearTimeout(timer);
            });
          },
        });
      },
    }),
};

const [root = "", environment = ""] = process.argv.slice(2);
await runSupervisor({ root, environment, runner });
