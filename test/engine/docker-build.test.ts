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
    expect(error).toMatchObject({
      ...{ name: "ExecError", exitCode: 9, stderr: "said" },
      extensions: { place: "apps/api/Dockerfile:3 RUN echo said >&2 &&   exit 9" },
    });
    expect(error.message).toBe("apps/api/Dockerfile:3: RUN echo said >&2 &&   exit 9: exit code: 9");
  });

  it.each([
    ["a stage that another one copies from", "FROM BASE\nCOPY --from=build /x /y\n"],
    ["a stage that another one is built on", "FROM build\nRUN exit 7\n"],
    ["a stage that another one mounts", "FROM BASE\nRUN --mount=from=build,target=/b exit 7\n"],
  ])("tells the line of a RUN that fails in %s, not of its like", async (_what, last) => {
    const dockerfile = `FROM BASE AS other\nRUN true\n\nFROM BASE AS build\nRUN <<END\necho RUN\nEND\nRUN true && \\\n  exit 7\n${last}`;
    const error = await refusalOf(engine.with((dag) => context(dag, dockerfile).dockerBuild().sync()));
    expect(error).toMatchObject({ extensions: { place: "Dockerfile:8 RUN true &&   exit 7" } });
    expect(error.message).toBe("Dockerfile:8: RUN true &&   exit 7: exit code: 7");
  });

  it("tells the line of a --from that is no stage and no image, and the stages that it may be meant for", async () => {
    const dockerfile = "FROM BASE AS build\nFROM BASE AS tools\nFROM BASE\nCOPY --from=biuld /a /b\n";
    const error = await refusalOf(engine.with((dag) => context(dag, dockerfile).dockerBuild().sync()));
    expect(error).toMatchObject({
      extensions: {
        fairway: { code: "DOCKERFILE_UNSUPPORTED", exitCode: 2, place: "Dockerfile:4 COPY --from=biuld" },
      },
    });
    expect(error.message).toContain(
      "Dockerfile:4: COPY --from=biuld: no stage before it is biuld (their names: build, tools)",
    );
  });

  it("tells the line of a FROM whose image cannot be stood in for", async () => {
    const error = await refusalOf(
      engine.with((dag) => context(dag, "FROM BASE\nFROM biuld\n").dockerBuild().sync()),
    );
    expect(error).toMatchObject({
      extensions: { fairway: { code: "STAND_IN_UNKNOWN", place: "Dockerfile:2 FROM biuld" } },
    });
  });

  it.each([
    [
      "a flag of the real engine's",
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
      "Dockerfile:2: RUN corepack: the embedded engine has no corepack: write `RUN npm install --global pnpm@10.1.0` instead",
    ],
    [
      "a download whose address is in a variable",
      "FROM BASE\nENV FROM_URL=https://example.com/x\nADD $FROM_URL /x\n",
      "Dockerfile:3: ADD https://example.com/x: the embedded engine does not support it",
    ],
    [
      "a range of ports",
      "FROM BASE\nEXPOSE 8000-8010\n",
      "Dockerfile:2: EXPOSE 8000-8010: the embedded engine does not support it",
    ],
    [
      "a mount for ssh",
      "FROM BASE\nRUN --mount=type=ssh true\n",
      "Dockerfile:2: RUN --mount=type=ssh: the embedded engine does not support it",
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

  it("tells all that it cannot follow at once, before anything runs, with one remedy", async () => {
    const dockerfile = `FROM --platform=linux/riscv64 BASE AS build
RUN exit 1
RUN --security=insecure --network=host true
FROM BASE
COPY --from=build --parents a /
RUN --mount=type=cache,target=/c,mode=0700 corepack enable
`;
    const error = await refusalOf(engine.with((dag) => context(dag, dockerfile).dockerBuild().sync()));
    expect(error.message.split("\n")).toEqual([
      "Dockerfile cannot be built here, for 6 reasons:",
      "  Dockerfile:1: FROM --platform=linux/riscv64: the embedded engine does not support it",
      "  Dockerfile:3: RUN --security: the embedded engine does not support it",
      "  Dockerfile:3: RUN --network=host: the embedded engine does not support it",
      "  Dockerfile:5: COPY --parents: the embedded engine does not support it",
      "  Dockerfile:6: RUN --mount=type=cache,mode=: the embedded engine does not support it",
      "  Dockerfile:6: RUN corepack: the embedded engine has no corepack: write `RUN npm install --global pnpm@<version>` with the version of packageManager instead",
      "The real Dagger engine has what the embedded one does not support: --engine dagger",
    ]);
    expect(error["extensions"]).toMatchObject({
      fairway: { code: "DOCKERFILE_UNSUPPORTED", exitCode: 2, place: "Dockerfile" },
    });
  });

  it.each([
    ["an instruction", "FROM BASE\nFOO bar\n", "Dockerfile:2: FOO: unknown instruction"],
    ["one before the first stage", "FOO bar\nFROM BASE\n", "Dockerfile:1: FOO: unknown instruction"],
    [
      "one in a stage that is not needed",
      "FROM BASE AS other\nFOO bar\nFROM BASE\n",
      "Dockerfile:2: FOO: unknown instruction",
    ],
    ["a flag", "FROM BASE\nCOPY --foo a /\n", "Dockerfile:2: COPY --foo: unknown flag"],
    [
      "a type of mount",
      "FROM BASE\nRUN --mount=type=foo true\n",
      "Dockerfile:2: RUN --mount=type=foo: unknown type of mount",
    ],
  ])("calls %s unknown that no engine has, and sends to none", async (_what, dockerfile, words) => {
    const error = await refusalOf(engine.with((dag) => context(dag, dockerfile).dockerBuild().sync()));
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("--engine");
    expect(error["extensions"]).toMatchObject({
      fairway: { code: "DOCKERFILE_INVALID", exitCode: 2, place: words.split(": ").slice(0, 2).join(" ") },
    });
  });

  it("lets a stage be that it cannot build and the target does not need", async () => {
    const dockerfile = "FROM BASE AS other\nRUN --network=none true\nFROM BASE\nRUN echo built > /built\n";
    const file = engine.with((dag) => context(dag, dockerfile).dockerBuild().file("/built").contents());
    expect(await file).toBe("built\n");
  });
});
