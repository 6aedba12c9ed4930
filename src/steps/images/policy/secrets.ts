import { secretSpellings } from "../../../model/secret-spellings.ts";
import type { SecretSpelling } from "../../../model/secret-spellings.ts";
import type { Image } from "../../../oci/oci.ts";
import type { Needle } from "./search.ts";
import type { Violation } from "./violation.ts";

/** One spelling of a secret's value. Only `name` and `form` are ever printed. */
export interface SecretNeedle extends Needle {
  readonly name: string;
  readonly form: SecretSpelling["form"];
}

/** Values of fewer bytes are everywhere by chance. Secrets have four characters or more. */
const shortestNeedleBytes = 4;

export function secretNeedles(secrets: Readonly<Record<string, string>>): readonly SecretNeedle[] {
  return Object.entries(secrets).flatMap(([name, value]) =>
    secretSpellings(value)
      .map(({ form, text }) => ({ name, form, bytes: Buffer.from(text) }))
      .filter(({ bytes }) => bytes.length >= shortestNeedleBytes),
  );
}

/** `the value of SESSION_SECRET (base64)` */
export function nameOfNeedle({ name, form }: SecretNeedle): string {
  return `the value of ${name}${form === "plain" ? "" : ` (${form})`}`;
}

const giveAtStart =
  "take it out of the Dockerfile and list it under secrets of the service: it gets the value when it starts";
const giveToRun = "give it to the one RUN that needs it: RUN --mount=type=secret,id=<name> ...";

/** Known values anywhere in the config, and variables and build arguments whose names say that they hold a secret. */
export function searchConfig(image: Image, needles: readonly SecretNeedle[]): Violation[] {
  const places = placesOf(image);
  const known = places.flatMap(({ where, text, fix }) =>
    [...new Set(needles.filter(({ bytes }) => text.includes(bytes.toString())).map(({ name }) => name))].map(
      (name) => ({
        what: `holds the value of ${name}`,
        where,
        fix,
      }),
    ),
  );
  const told = new Set(known.map(({ where }) => where));
  return [
    ...known,
    ...[...secretVariables(image), ...secretArguments(image)].filter(({ where }) => !told.has(where)),
  ];
}

interface Place {
  readonly where: string;
  readonly text: string;
  readonly fix: string;
}

function placesOf({ config: { config, history }, manifest }: Image): Place[] {
  const place = (where: string, text: string, fix = giveAtStart): Place => ({
    where: `image config, ${where}`,
    text,
    fix,
  });
  return [
    ...(config?.Env ?? []).map((variable) => place(`variable ${variable.split("=")[0] ?? ""}`, variable)),
    ...Object.entries({ ...config?.Labels, ...manifest.annotations }).map(([name, value]) =>
      place(`label ${name}`, `${name}=${value}`),
    ),
    place("ENTRYPOINT and CMD", [...(config?.Entrypoint ?? []), ...(config?.Cmd ?? [])].join("\n")),
    place("HEALTHCHECK", (config?.Healthcheck?.Test ?? []).join("\n")),
    ...(history ?? []).map((step, index) =>
      place(
        `history step ${String(index + 1)}`,
        `${step.created_by ?? ""}\n${step.comment ?? ""}`,
        giveToRun,
      ),
    ),
  ];
}

const secretName =
  /(?:^|_)(?:TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|SECRET_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

function secretVariables({ config: { config } }: Image): Violation[] {
  return (config?.Env ?? []).flatMap((variable) => {
    const [name = "", ...rest] = variable.split("=");
    const value = rest.join("=");
    // A path says where the secret is, not what it is.
    if (!secretName.test(name) || value === "" || value.startsWith("/")) return [];
    return [
      { what: "by its name it holds a secret", where: `image config, variable ${name}`, fix: giveAtStart },
    ];
  });
}

/** Builders write the build arguments of a RUN into the history: `|1 NPM_TOKEN=... /bin/sh -c ...`. */
function secretArguments({ config: { history } }: Image): Violation[] {
  return (history ?? []).flatMap(({ created_by }, index) => {
    const given = /\|\d+ ((?:\w+=\S* )+)/.exec(created_by ?? "")?.[1] ?? "";
    const names = given
      .split(" ")
      .map((each) => each.split("=")[0] ?? "")
      .filter((name) => secretName.test(name));
    return names.map((name) => ({
      what: `by its name the build argument ${name} holds a secret`,
      where: `image config, history step ${String(index + 1)}`,
      fix: giveToRun,
    }));
  });
}
