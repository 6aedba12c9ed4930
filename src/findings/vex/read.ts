import { z } from "zod";
import { loadDocument, type Problem, problem, problemsOf } from "../../config/config.ts";

/** What somebody says about a vulnerability in a component. */
export interface VexStatement {
  /** Where it stands: `vex/shop.openvex.json statement 2`. */
  readonly place: string;
  /** The vulnerability's names, in small letters. */
  readonly names: readonly string[];
  readonly status: (typeof statuses)[number];
  /** Why, in a line. */
  readonly because: string;
  /** When it was said, in milliseconds since 1970: of two about the same, the later one counts. */
  readonly saidAtMs: number;
  readonly components: readonly Component[];
}

/** Of a package URL. */
export interface Component {
  readonly type: string;
  /** As tools may write it: with its namespace, and where distributions name it without, alone. */
  readonly names: readonly string[];
  /** Null for every version. */
  readonly version: string | null;
}

const statuses = ["not_affected", "affected", "fixed", "under_investigation"] as const;
const justifications = [
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
] as const;

const words = z.string().trim().min(1, "must not be empty");
const time = z.iso.datetime({ offset: true, error: "must be a time: 2027-01-31T12:00:00Z" });
const component = z.object({
  "@id": words.optional(),
  identifiers: z.object({ purl: words.optional() }).optional(),
});
const product = z.union(
  [words, component.extend({ subcomponents: z.array(z.union([words, component])).nullish() })],
  {
    error: 'must be a product: { "@id": "pkg:npm/..." }',
  },
);
const statement = z.object({
  vulnerability: z.union([words, z.object({ name: words, aliases: z.array(words).nullish() })], {
    error: "must be a vulnerability: { name: CVE-2021-23337 }",
  }),
  products: z.array(product).min(1, "must name a product"),
  status: z.enum(statuses),
  justification: z.enum(justifications).optional(),
  impact_statement: words.optional(),
  timestamp: time.optional(),
});
const document = z.object({
  "@context": z
    .string()
    .regex(
      /^https:\/\/openvex\.dev\/ns(\/v0\.[\d.]+)?$/,
      "must be https://openvex.dev/ns/v0.2.0: only OpenVEX is read",
    ),
  author: words,
  timestamp: time,
  statements: z.array(statement),
});

type Statement = z.infer<typeof statement>;

/**
 * An OpenVEX document: https://github.com/openvex/spec
 * @param file how it is called in messages
 * @throws one FairwayError (VEX_INVALID, exit 2) with every error and its place
 */
export async function readVex(text: string, file: string): Promise<VexStatement[]> {
  const { PackageURL } = await import("packageurl-js");
  const parse = (purl: string) => componentOf(purl, (text) => PackageURL.fromString(text));
  return loadDocument(
    text,
    file,
    (value) => {
      const read = document.safeParse(value);
      if (!read.success)
        return { value: undefined, problems: problemsOf(read.error.issues, value, document) };
      const { statements, author, timestamp } = read.data;
      return {
        value: statements.map((said, at) => ({
          place: `${file} statement ${String(at + 1)}`,
          names: namesOf(said),
          status: said.status,
          because: `${said.justification ?? said.impact_statement ?? said.status} (VEX of ${author})`,
          saidAtMs: Date.parse(said.timestamp ?? timestamp),
          components: componentsOf(said).flatMap((purl) => parse(purl) ?? []),
        })),
        problems: statements.flatMap((said, at) => faultsOf(said, at, parse)),
      };
    },
    { code: "VEX_INVALID" },
  );
}

/** What the specification asks, and no shape says. */
function faultsOf(said: Statement, at: number, parse: (purl: string) => Component | undefined): Problem[] {
  const { status, justification, impact_statement: impact } = said;
  const broken = componentsOf(said).filter((id) => id.startsWith("pkg:") && parse(id) === undefined);
  return [
    ...(status === "not_affected" && justification === undefined && impact === undefined
      ? [problem(["statements", at, "status"], "not_affected needs a justification or an impact_statement")]
      : []),
    ...broken.map((id) => problem(["statements", at, "products"], `no package URL: ${id}`)),
  ];
}

function namesOf({ vulnerability }: Statement): string[] {
  const all =
    typeof vulnerability === "string"
      ? [vulnerability]
      : [vulnerability.name, ...(vulnerability.aliases ?? [])];
  return all.map((name) => name.toLowerCase());
}

/** A product that names its parts is about these, not about the whole. */
function componentsOf({ products }: Statement): string[] {
  return products.flatMap((one) => {
    if (typeof one === "string") return [one];
    const { subcomponents } = one;
    return (subcomponents ?? [one]).flatMap((part) => (typeof part === "string" ? [part] : idOf(part)));
  });
}

function idOf({ "@id": id, identifiers }: z.infer<typeof component>): string[] {
  const purl = identifiers?.purl ?? id;
  return purl === undefined ? [] : [purl];
}

const distributions: ReadonlySet<string> = new Set(["deb", "apk", "rpm", "alpm"]);

interface ParsedPurl {
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly qualifiers?: object | undefined;
}

/** Undefined for what is no package URL. */
function componentOf(purl: string, parse: (purl: string) => ParsedPurl): Component | undefined {
  try {
    const { type, namespace, name, version = null, qualifiers } = parse(purl);
    const spelled = namespace === undefined ? [name] : [`${namespace}/${name}`, `${namespace}:${name}`];
    const names = distributions.has(type) ? [...spelled, name] : spelled;
    // It is about less than a finding can say: nothing is known to be meant.
    const isNarrower = qualifiers !== undefined && Object.keys(qualifiers).length > 0;
    return { type, names: isNarrower ? [] : names, version };
  } catch {
    return undefined;
  }
}
