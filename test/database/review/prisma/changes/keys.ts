import type { SchemaChange } from "../changes.ts";
import type { Edit } from "../schema.ts";

const index = "  @@index([placedAt])\n";
const customer = "  customer   Customer @relation(fields: [customerId], references: [id])\n";
const id = "  id       Int      @id @default(autoincrement())\n  email";
const key = "  key   String @id\n";

const indexed = (title: string, ...after: readonly Edit[]): SchemaChange => ({
  ...{ title, after, phase: "expand", oldCode: "works" },
});

/** Indexes, unique fields, keys, and what becomes of rows that refer to others. */
export const keys: readonly SchemaChange[] = [
  indexed("add an index", [index, `${index}  @@index([total])\n`]),
  indexed("add an index on two fields", [index, `${index}  @@index([customerId, placedAt(sort: Desc)])\n`]),
  indexed("add an index of another kind", [index, `${index}  @@index([total], type: Hash)\n`]),
  indexed("drop an index", [`\n${index}`, ""]),
  indexed("rename an index", [index, '  @@index([placedAt], map: "by_time")\n']),
  indexed("change the order of an index", [index, "  @@index([placedAt(sort: Desc)])\n"]),
  {
    title: "make a field unique",
    after: [["  name     String\n", "  name     String   @unique\n"]],
    phase: "contract",
    oldCode: "may break",
    refused: "with rows",
  },
  {
    title: "make two fields unique together",
    after: [[index, `${index}  @@unique([customerId, total])\n`]],
    phase: "contract",
    oldCode: "may break",
    refused: "with rows",
  },
  {
    title: "make a unique field an ordinary one",
    after: [["  email    String   @unique\n", "  email    String\n"]],
    phase: "contract",
    oldCode: "may break",
  },
  {
    title: "make an index unique",
    after: [[index, "  @@unique([placedAt])\n"]],
    phase: "contract",
    oldCode: "may break",
    refused: "with rows",
  },
  indexed("rename a primary key", [key, '  key   String @id(map: "setting_key")\n']),
  {
    title: "add a field to the primary key",
    after: [
      [key, "  key   String\n"],
      ["  area  Int    @default(1)\n", "  area  Int    @default(1)\n\n  @@id([key, area])\n"],
    ],
    phase: "contract",
    oldCode: "may break",
  },
  {
    title: "make another field the primary key",
    after: [
      [key, "  key   String\n"],
      ["  area  Int    @default(1)\n", "  area  Int    @id @default(1)\n"],
    ],
    phase: "contract",
    oldCode: "may break",
    refused: "with rows",
  },
  {
    title: "a primary key of Int to BigInt, with those that refer to it",
    before: [[id, "  id       Int      @id\n  email"]],
    after: [
      ["  id       Int      @id\n  email", "  id       BigInt   @id\n  email"],
      ["  customerId Int\n", "  customerId BigInt\n"],
    ],
    phase: "contract",
    oldCode: "may break",
    harmless: "Prisma's client reads and writes it as before; other code is given a string",
  },
  {
    title: "a counted primary key of Int to BigInt",
    after: [
      [id, "  id       BigInt   @id @default(autoincrement())\n  email"],
      ["  customerId Int\n", "  customerId BigInt\n"],
    ],
    phase: "contract",
    oldCode: "may break",
    refused: "always",
  },
  {
    title: "a counted primary key of Int to UUID",
    after: [
      [id, "  id       String   @id @default(uuid())\n  email"],
      ["  customerId Int\n", "  customerId String\n"],
    ],
    phase: "contract",
    oldCode: "may break",
  },
  {
    title: "add a relation to a field that is there",
    after: [
      [
        "  supplierId Int?\n",
        '  supplierId Int?\n  supplier   Customer? @relation("supplier", fields: [supplierId], references: [id])\n',
      ],
      ["  orders   Order[]\n", '  orders   Order[]\n  supplies Order[]  @relation("supplier")\n'],
    ],
    phase: "contract",
    oldCode: "may break",
    refused: "with rows",
  },
  indexed("drop a relation, and keep its field", [customer, ""], ["  orders   Order[]\n", ""]),
  {
    title: "drop a relation and its field",
    after: [
      [customer, ""],
      ["  customerId Int\n", ""],
      ["  orders   Order[]\n", ""],
    ],
    phase: "contract",
    oldCode: "breaks",
  },
  {
    title: "make a relation optional",
    after: [
      ["  customerId Int\n", "  customerId Int?\n"],
      [customer, "  customer   Customer? @relation(fields: [customerId], references: [id])\n"],
    ],
    phase: "contract",
    oldCode: "may break",
    harmless: "the foreign key refuses what it refused before",
  },
  {
    title: "delete what refers to a row with it",
    after: [
      [
        customer,
        "  customer   Customer @relation(fields: [customerId], references: [id], onDelete: Cascade)\n",
      ],
    ],
    phase: "contract",
    oldCode: "may break",
    harmless: "the foreign key refuses less than before",
  },
  {
    title: "refuse to delete a row that others refer to",
    before: [
      [
        customer,
        "  customer   Customer @relation(fields: [customerId], references: [id], onDelete: Cascade)\n",
      ],
    ],
    after: [[", onDelete: Cascade)", ")"]],
    phase: "contract",
    oldCode: "may break",
  },
  indexed("rename a foreign key", [
    customer,
    '  customer   Customer @relation(fields: [customerId], references: [id], map: "order_of_customer")\n',
  ]),
  {
    title: "let each row have only one that refers to it",
    after: [
      ["  customerId Int\n", "  customerId Int      @unique\n"],
      ["  orders   Order[]\n", "  order    Order?\n"],
    ],
    phase: "contract",
    oldCode: "may break",
    refused: "with rows",
  },
];
