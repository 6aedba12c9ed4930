import type { SchemaChange } from "../changes.ts";
import type { Edit } from "../schema.ts";

const total = "  total      Int\n";
const note = "  note       String?  @db.VarChar(50)\n";
const name = "  name     String\n";
const placedAt = "  placedAt   DateTime @default(now())\n";
const status = "  status     Status   @default(DRAFT)\n";
const statuses = "enum Status {\n  DRAFT\n  PAID\n  SHIPPED\n}\n";
const end = "  area  Int    @default(1)\n}\n";

/** Other code is given a string, or a number of another kind. */
const readAlike: Partial<SchemaChange> = {
  oldCode: "may break",
  harmless: "Prisma's client reads and writes it as before; other code is given another form",
};

const typed = (title: string, edit: Edit, verdict: Partial<SchemaChange> = {}): SchemaChange => ({
  ...{ title, after: [edit], phase: "contract", oldCode: "breaks" },
  ...verdict,
});

/** Types of fields, and enums. */
export const types: readonly SchemaChange[] = [
  typed("Int to BigInt", [total, "  total      BigInt\n"], readAlike),
  typed("Int to SmallInt", [total, "  total      Int      @db.SmallInt\n"], {
    oldCode: "may break",
    refused: "with rows",
  }),
  typed("Int to Float", [total, "  total      Float\n"], readAlike),
  typed("Int to Decimal", [total, "  total      Decimal\n"], readAlike),
  typed("Int to String", [total, "  total      String\n"], readAlike),
  typed("String to Int", [name, "  name     Int\n"], { refused: "with rows" }),
  typed("Float to Decimal", ["  weight     Float?\n", "  weight     Decimal?\n"], readAlike),
  typed("Float to Int", ["  weight     Float?\n", "  weight     Int?\n"], { oldCode: "may break" }),
  typed("String to VarChar(100)", [name, "  name     String  @db.VarChar(100)\n"], {
    oldCode: "may break",
    refused: "with rows",
  }),
  typed("VarChar(50) to VarChar(100)", [note, "  note       String?  @db.VarChar(100)\n"], {
    phase: "expand",
    oldCode: "works",
  }),
  typed("VarChar(50) to String", [note, "  note       String?\n"], { phase: "expand", oldCode: "works" }),
  typed("VarChar(50) to VarChar(20)", [note, "  note       String?  @db.VarChar(20)\n"], {
    oldCode: "may break",
    refused: "with rows",
  }),
  typed("String to Json", [note, "  note       Json?\n"]),
  typed("String to UUID", ["  nickname String?\n", "  nickname String?  @db.Uuid\n"]),
  typed("String to a list", ["  nickname String?\n", "  nickname String[]\n"]),
  {
    ...typed("a list to String", ["  nickname String[]\n", "  nickname String?\n"]),
    before: [["  nickname String?\n", "  nickname String[]\n"]],
  },
  typed(
    "DateTime to a time with its zone",
    [placedAt, "  placedAt   DateTime @default(now()) @db.Timestamptz(3)\n"],
    { oldCode: "may break" },
  ),
  typed("DateTime to a date", [placedAt, "  placedAt   DateTime @default(now()) @db.Date\n"], {
    oldCode: "may break",
  }),
  typed("String to an enum", ["  nickname String?\n", "  nickname Status?\n"]),
  typed("an enum to String", [status, '  status     String   @default("DRAFT")\n']),
  {
    title: "add an enum and an optional field of it",
    after: [
      [end, `${end}\nenum Tone {\n  WARM\n  COLD\n}\n`],
      [total, `${total}  tone       Tone?\n`],
    ],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a value to an enum",
    after: [["  SHIPPED\n", "  SHIPPED\n  RETURNED\n"]],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add two values to an enum",
    after: [["  SHIPPED\n", "  SHIPPED\n  RETURNED\n  LOST\n"]],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "drop a value of an enum",
    after: [["  SHIPPED\n", ""]],
    phase: "contract",
    oldCode: "breaks",
    refused: "with rows",
  },
  {
    title: "rename a value of an enum",
    after: [["  SHIPPED\n", "  SENT\n"]],
    phase: "contract",
    oldCode: "breaks",
    refused: "with rows",
  },
  {
    title: "rename an enum",
    after: [
      ["enum Status {", "enum OrderStatus {"],
      [status, "  status     OrderStatus @default(DRAFT)\n"],
    ],
    phase: "contract",
    oldCode: "breaks",
  },
  {
    title: "rename an enum, and keep its type with @@map",
    after: [
      [statuses, 'enum OrderStatus {\n  DRAFT\n  PAID\n  SHIPPED\n\n  @@map("Status")\n}\n'],
      [status, "  status     OrderStatus @default(DRAFT)\n"],
    ],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "drop an enum and its field",
    after: [
      [statuses, ""],
      [status, ""],
    ],
    phase: "contract",
    oldCode: "breaks",
  },
];
