import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const entry = join(root, "node_modules/@dagger.io/dagger/dist/src/index.js");

/** In a process of its own: what is loaded once stays. */
async function loaded(statements: string, variables: Record<string, string> = {}): Promise<unknown> {
  const script = `import { createRequire } from "node:module";
    const { importLeanSdk } = await import(${JSON.stringify(join(root, "src/cli/module/lean-sdk.ts"))});
    const sdk = await importLeanSdk(${JSON.stringify(entry)}, process.env);
    const files = () => Object.keys(createRequire("/")("node:module")._cache);
    const compilerLoaded = () => files().some((file) => file.endsWith("/typescript/lib/typescript.js"));
    ${statements}`;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "-e", script], { env: variables });
  return JSON.parse(stdout);
}

describe("the SDK that the command line loads", () => {
  it("is the one that a module gets, without the compiler", async () => {
    expect(
      await loaded(`
        const again = await import(${JSON.stringify(entry)});
        console.log(JSON.stringify([sdk.dag === again.dag, typeof sdk.connection, compilerLoaded()]));`),
    ).toEqual([true, "function", false]);
  });

  it("still has the entry point of Dagger's runtime, which brings the compiler when it is called", async () => {
    expect(
      await loaded(
        `
        const error = await sdk.entrypoint(["/nowhere.ts"]).then(() => null, (error) => error);
        console.log(JSON.stringify([error instanceof Error, compilerLoaded()]));`,
        {
          // A session that nobody answers.
          ...{ DAGGER_SESSION_PORT: "1", DAGGER_SESSION_TOKEN: "none" },
        },
      ),
    ).toEqual([true, true]);
  });

  it("exports traces where an OTEL_ variable asks for it", async () => {
    const configure = `
      const { DaggerOtelConfigurator } = await import(${JSON.stringify(join(entry, "../telemetry/init.js"))});
      const configurator = new DaggerOtelConfigurator();
      configurator.initialize();
      console.log(JSON.stringify(configurator.sdk?.constructor.name ?? null));
      process.exit();`;
    expect(await loaded(configure)).toBeNull();
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_SDK_DISABLED: "false" };
    expect(await loaded(configure, endpoint)).toBe("NodeSDK");
  });
});
