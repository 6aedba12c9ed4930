import type { SchemaChange } from "../changes.ts";
import type { Edit } from "../schema.ts";

const total = "  total      Int\n";
const source = '  source     String   @default("web")\n';
const token = '  token      String   @default(dbgenerated("gen_random_uuid()")) @db.Uuid\n';
const area = "  area  Int    @default(1)\n";

const added = (...fields: readonly string[]): Edit[] => [
  [total, `${total}${fields.map((field) => `  ${field}\n`).join("")}`],
];

/** Fields: there, not there, optional, with a default. */
export const fields: readonly SchemaChange[] = [
  { title: "add an optional field", after: added("phone String?"), phase: "expand", oldCode: "works" },
  {
    title: "add a required field with a default",
    after: added("discount Int @default(0)"),
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a required field without a default",
    after: added("discount Int"),
    phase: "contract",
    oldCode: "breaks",
    refused: "with rows",
  },
  {
    title: "add two optional fields and an index on them",
    after: [
      ...added("phone String?", "fax String?"),
      ["  @@index([placedAt])\n", "  @@index([placedAt])\n  @@index([phone, fax])\n"],
    ],
    phase: "expand",
    oldCode: "works",
  },
  { title: "add a list", after: added("tags String[]"), phase: "expand", oldCode: "works" },
  {
    title: "add a field with the time as its default",
    after: added("seenAt DateTime @default(now())"),
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a field with @updatedAt",
    after: added("changedAt DateTime @updatedAt"),
    phase: "contract",
    oldCode: "breaks",
    refused: "with rows",
  },
  {
    title: "add a field that counts",
    after: added("number Int @default(autoincrement())"),
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a field with a UUID that Prisma makes",
    after: added("trace String @default(uuid())"),
    phase: "contract",
    oldCode: "breaks",
    refused: "with rows",
  },
  {
    title: "add a field with a UUID that PostgreSQL makes",
    after: added('trace String @default(dbgenerated("gen_random_uuid()")) @db.Uuid'),
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a Json field with a default",
    after: added('extra Json @default("{}")'),
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a field of an enum with a default",
    after: added("billing Status @default(DRAFT)"),
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add an optional unique field",
    after: added("invoice String? @unique"),
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a required unique field with a default",
    after: added('invoice String @unique @default("none")'),
    phase: "contract",
    oldCode: "breaks",
    refused: "with rows",
  },
  { title: "drop a required field", after: [[total, ""]], phase: "contract", oldCode: "breaks" },
  {
    title: "drop an optional field",
    after: [["  nickname String?\n", ""]],
    phase: "contract",
    oldCode: "breaks",
  },
  {
    title: "drop a field that the previous release ignores",
    before: [["  nickname String?\n", "  nickname String?  @ignore\n"]],
    after: [["  nickname String?  @ignore\n", ""]],
    phase: "contract",
    oldCode: "works",
  },
  {
    title: "rename an optional field",
    after: [["  nickname String?\n", "  alias    String?\n"]],
    phase: "contract",
    oldCode: "breaks",
  },
  {
    title: "rename a required field",
    after: [[total, "  amount     Int\n"]],
    phase: "contract",
    oldCode: "breaks",
    refused: "with rows",
  },
  {
    title: "rename a field, and keep its column with @map",
    after: [[total, '  amount     Int      @map("total")\n']],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "give a field another column with @map",
    after: [["  nickname String?\n", '  nickname String?  @map("nick_name")\n']],
    phase: "contract",
    oldCode: "breaks",
  },
  {
    title: "make an optional field required",
    after: [["  nickname String?\n", "  nickname String\n"]],
    phase: "contract",
    oldCode: "may break",
    refused: "with rows",
  },
  {
    title: "make an optional field required, with a default",
    after: [["  nickname String?\n", '  nickname String   @default("")\n']],
    phase: "contract",
    oldCode: "may break",
    refused: "with rows",
  },
  {
    title: "make a required field optional",
    after: [[total, "  total      Int?\n"]],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a default",
    after: [[total, "  total      Int      @default(0)\n"]],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "change a default",
    after: [[source, '  source     String   @default("shop")\n']],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "drop a default that Prisma writes itself",
    after: [[source, "  source     String\n"]],
    phase: "contract",
    oldCode: "may break",
    harmless: "Prisma's client sends the default that its schema has",
  },
  {
    title: "drop a default that PostgreSQL makes",
    after: [[token, "  token      String   @db.Uuid\n"]],
    phase: "contract",
    oldCode: "may break",
  },
  {
    title: "have Prisma make the UUIDs that PostgreSQL made",
    after: [[token, "  token      String   @default(uuid()) @db.Uuid\n"]],
    phase: "contract",
    oldCode: "may break",
  },
  {
    title: "count a number that was given",
    before: [[area, "  area  Int\n"]],
    after: [["  area  Int\n", "  area  Int    @default(autoincrement())\n"]],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "give a number that was counted",
    before: [[area, "  area  Int    @default(autoincrement())\n"]],
    after: [["  area  Int    @default(autoincrement())\n", "  area  Int\n"]],
    phase: "contract",
    oldCode: "may break",
  },
];
