import type { Client, Directory } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { image, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

function context(dag: Client, dockerfile: string, files: Record<string, string> = {}): Directory {
  let directory = dag.directory().withNewFile("Dockerfile", dockerfile.replaceAll("BASE", image));
  for (const [path, text] of Object.entries(files)) directory = directory.withNewFile(path, text);
  return directory;
}

describe("dockerBuild", () => {
  it("builds the stages that the target needs, and no other", async () => {
    const dockerfile = `
FROM BASE AS broken
RUN exit 1
FROM BASE AS build
WORKDIR /w
COPY src ./
RUN cat a.txt b.txt > all.txt
FROM BASE
COPY --from=build --chown=nobody:nogroup --chmod=0640 /w/all.txt /app/
`;
    await engine.with(async (dag) => {
      const built = context(dag, dockerfile, { "src/a.txt": "A", "src/b.txt": "B" }).dockerBuild();
      expect(
        await built.withExec(["sh", "-c", "cat /app/all.txt; stat -c ' %a %U' /app/all.txt"]).stdout(),
      ).toBe("AB 640 nobody\n");
    });
  });

  it("keeps the configuration", async () => {
    const dockerfile = `
ARG VERSION=1
FROM BASE
ARG VERSION
ENV A=a
ENV B="b $A" C=\${VERSION:-none}
WORKDIR /srv
WORKDIR app
USER 1000:1000
EXPOSE 3040 53/udp
LABEL one="1" two=2
HEALTHCHECK --interval=10s --retries=2 CMD ["true", "x y"]
ENTRYPOINT ["node"]
CMD ["main.js"]
`;
    await engine.with(async (dag) => {
      const built = context(dag, dockerfile).dockerBuild({ buildArgs: [{ name: "VERSION", value: "7" }] });
      expect([await built.envVariable("B"), await built.envVariable("C")]).toEqual(["b a", "7"]);
      expect([await built.workdir(), await built.user()]).toEqual(["/srv/app", "1000:1000"]);
      expect([await built.entrypoint(), await built.defaultArgs()]).toEqual([["node"], ["main.js"]]);
      expect(await Promise.all((await built.exposedPorts()).map((port) => port.port()))).toEqual([3040, 53]);
      expect(await built.label("one")).toBe("1");
      const health = built.dockerHealthcheck();
      expect([
        await health.args(),
        await health.shell(),
        await health.interval(),
        await health.retries(),
      ]).toEqual([["true", "x y"], false, "10s", 2]);
    });
  });

  it("leaves out what .dockerignore names", async () => {
    const files = {
      ".dockerignore": "**/node_modules\n*.log\n!keep.log\n",
      "a.log": "",
      "keep.log": "",
      "x/node_modules/m": "",
      "x/y": "",
    };
    const found = await engine.with((dag) =>
      context(dag, "FROM BASE\nCOPY . /src\n", files).dockerBuild().directory("/src").glob("**"),
    );
    expect(found).toEqual([".dockerignore", "Dockerfile", "keep.log", "x/", "x/y"]);
  });

  it("runs a RUN again only when something changes that it sees", async () => {
    const random = "RUN head -c 8 /dev/urandom | od -An -tx1 > /r\n";
    const build = (a: string, b: string) =>
      engine.with((dag) =>
        context(dag, `FROM BASE\nCOPY a.txt /\n${random}COPY b.txt /\n`, { "a.txt": a, "b.txt": b })
          .dockerBuild()
          .file("/r")
          .contents(),
      );
    const first = await build("1", "1");
    expect(await build("1", "2")).toBe(first);
    expect(await build("2", "2")).not.toBe(first);
  });

  it("gives a RUN volumes, secrets and the context", async () => {
    const dockerfile = `
FROM BASE
RUN --mount=type=cache,target=/cache --mount=type=secret,id=token --mount=type=bind,target=/ctx <<END
cat /run/secrets/token | wc -c > /out
cat /ctx/a.txt >> /out
echo "$(cat /run/secrets/token)"
touch /cache/x
END
`;
    await engine.with(async (dag) => {
      const built = context(dag, dockerfile, { "a.txt": "A" }).dockerBuild({
        secrets: [dag.setSecret("token", "hidden-token")],
      });
      expect(await built.file("/out").contents()).toBe("12\nA");
      expect(await built.stdout()).toBe("***\n");
      expect(await built.mounts()).toEqual([]);
      expect(await built.exists("/cache/x")).toBe(false);
    });
  });

  it("tells file and line of a RUN that fails", async () => {
    const error = await refusalOf(
      engine.with((dag) =>
        dag
          .directory()
          .withNewFile("apps/api/Dockerfile", `FROM ${image}\n\nRUN echo said >&2 && \\\n  exit 9\n`)
          .dockerBuild({ dockerfile: "apps/api/Dockerfile" })
          .sync(),
      ),
    );
    expect(error).toMatchObject({ name: "ExecError", exitCode: 9, stderr: "said" });
    expect(error.message).toBe("apps/api/Dockerfile:3: RUN echo said >&2 &&   exit 9: exit code: 9");
  });

  it.each([
    [
      "an instruction that it does not know",
      "FROM BASE\nSQUASH all\n",
      "Dockerfile:2: SQUASH: the embedded engine does not support it",
    ],
    [
      "a flag that it does not know",
      "FROM BASE\nCOPY --parents a /\n",
      "COPY --parents: the embedded engine does not support it",
    ],
    [
      "another platform",
      "FROM --platform=linux/riscv64 BASE\n",
      "FROM --platform=linux/riscv64: the embedded engine does not support it",
    ],
    [
      "a network of its own",
      "FROM BASE\nRUN --network=none true\n",
      "RUN --network=none: the embedded engine does not support it",
    ],
    [
      "a download by ADD",
      "FROM BASE\nADD https://example.com/x /x\n",
      "ADD https://example.com/x: the embedded engine does not support it",
    ],
    [
      "corepack",
      `FROM ${image}\nRUN corepack enable && corepack prepare pnpm@10.1.0 --activate\n`,
      "npm install --global pnpm@10.1.0",
    ],
    [
      "a missing file",
      "FROM BASE\nCOPY nowhere.txt /\n",
      'Dockerfile:2: COPY: failed to calculate checksum: "/nowhere.txt": not found',
    ],
  ])("refuses %s by name and line", async (_what, dockerfile, words) => {
    const error = await refusalOf(engine.with((dag) => context(dag, dockerfile).dockerBuild().sync()));
    expect(error.message).toContain(words);
  });
});
