import { invalid, unsupported, type Fault, type Finding } from "./faults.ts";
import { jsonWords, type Instruction } from "./parse.ts";
import { mountFindings } from "./mount-options.ts";
import { splitWords, type Expand } from "./words.ts";

/** What of an instruction cannot be followed here, in the order in which it is written. */
export function faultsOf(instruction: Instruction, expand: Expand, escape: string): readonly Fault[] {
  const { keyword, place } = instruction;
  if (!(keyword in instructions))
    return [{ place, what: keyword, kind: "invalid", reason: "unknown instruction" }];
  const told: Finding[] = [
    ...flagFindings(instruction, expand),
    ...textFindings(instruction, expand, escape),
  ];
  return told.map(({ what, ...finding }) => ({ place, what: `${keyword} ${what}`, ...finding }));
}

interface Flags {
  /** Flags that the embedded engine follows. */
  readonly here: readonly string[];
  /** Further ones of the language. */
  readonly elsewhere?: readonly string[];
}

/** The whole language. Null where the rest of the line is no place for flags. */
const instructions: Readonly<Record<string, Flags | null>> = {
  FROM: { here: ["platform"] },
  RUN: { here: ["mount", "network"], elsewhere: ["security", "device"] },
  COPY: { here: ["from", "chown", "chmod", "link", "exclude"], elsewhere: ["parents"] },
  ADD: {
    here: ["chown", "chmod", "link", "exclude"],
    elsewhere: ["keep-git-dir", "checksum", "unpack"],
  },
  HEALTHCHECK: { here: ["interval", "timeout", "start-period", "start-interval", "retries"] },
  ...{ ARG: null, ENV: null, LABEL: null, MAINTAINER: null, WORKDIR: null, USER: null, EXPOSE: null },
  ...{ ENTRYPOINT: null, CMD: null, SHELL: null, STOPSIGNAL: null, VOLUME: null, ONBUILD: null },
};

function flagFindings({ keyword, flags }: Instruction, expand: Expand): readonly Finding[] {
  const known = instructions[keyword];
  if (known == null) return [];
  return flags.flatMap(({ name, value }): readonly Finding[] => {
    const written = `--${name}=${value}`;
    if (known.elsewhere?.includes(name) === true) return [unsupported(`--${name}`)];
    if (!known.here.includes(name)) return [invalid(`--${name}`, "unknown flag")];
    if (name === "mount") return mountFindings(value, expand);
    if (name === "network" && value !== "default")
      return [["none", "host"].includes(value) ? unsupported(written) : invalid(written, "unknown network")];
    // Symbolic modes, and modes in variables.
    if (name === "chmod" && !/^0?[0-7]{3,4}$/.test(value)) return [unsupported(written)];
    return [];
  });
}

function textFindings(instruction: Instruction, expand: Expand, escape: string): readonly Finding[] {
  const { keyword, text, heredocs } = instruction;
  const words = () => (jsonWords(text) ?? splitWords(text, escape)).map((word) => expand(word));
  switch (keyword) {
    case "RUN":
      return corepack(
        [jsonWords(text)?.join(" ") ?? text, ...heredocs.map(({ content }) => content)].join("\n"),
      );
    case "ADD":
      return words()
        .filter((word) => word !== undefined && /^(https?|git|ssh):\/\/|^git@/.test(word))
        .map((word) => unsupported(String(word)));
    case "EXPOSE":
      return words().flatMap((word) => {
        if (word === undefined || /^\d+(\/(tcp|udp))?$/i.test(word)) return [];
        return [
          /^\d+-\d+(\/(tcp|udp|sctp))?$|^\d+\/sctp$/i.test(word)
            ? unsupported(word)
            : invalid(word, "no port"),
        ];
      });
    default:
      return [];
  }
}

/** There is none in the Node that stands in, and its downloads are beyond our cache. */
function corepack(command: string): readonly Finding[] {
  if (!/(^|[\s;&|(/])corepack(\s|$)/.test(command)) return [];
  const named = /corepack\s+(?:prepare|install|use)\s+(?:-g\s+|--global\s+)?((?:pnpm|yarn|npm)@[\w.-]+)/.exec(
    command,
  )?.[1];
  const instead = `npm install --global ${named ?? "pnpm@<version>"}`;
  const version = named === undefined ? " with the version of packageManager" : "";
  return [
    unsupported(
      "corepack",
      `the embedded engine has no corepack: write \`RUN ${instead}\`${version} instead`,
    ),
  ];
}
