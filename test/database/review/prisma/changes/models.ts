import type { SchemaChange } from "../changes.ts";
import type { Edit } from "../schema.ts";

const end = "  area  Int    @default(1)\n}\n";
const labels: readonly Edit[] = [
  ["  customerId Int\n", "  customerId Int\n  labels     Label[]\n"],
  [
    end,
    `${end}\nmodel Label {\n  id     Int     @id @default(autoincrement())\n  name   String\n  orders Order[]\n}\n`,
  ],
];

/** Models, and the relations between them. */
export const models: readonly SchemaChange[] = [
  {
    title: "add a model",
    after: [[end, `${end}\nmodel Banner {\n  id   Int    @id @default(autoincrement())\n  text String\n}\n`]],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a model with a relation to one that is there",
    after: [
      ["  orders   Order[]\n", "  orders   Order[]\n  notes    Note[]\n"],
      [
        end,
        `${end}\nmodel Note {\n  id         Int      @id @default(autoincrement())\n  text       String\n  customerId Int\n  customer   Customer @relation(fields: [customerId], references: [id])\n}\n`,
      ],
    ],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a model with a key of two fields",
    after: [
      [
        end,
        `${end}\nmodel Rate {\n  from  String\n  to    String\n  value Decimal\n\n  @@id([from, to])\n}\n`,
      ],
    ],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "drop a model",
    after: [["model Setting {\n  key   String @id\n  value String\n  area  Int    @default(1)\n}\n", ""]],
    phase: "contract",
    oldCode: "breaks",
  },
  {
    title: "drop a model that the previous release ignores",
    before: [[end, "  area  Int    @default(1)\n\n  @@ignore\n}\n"]],
    after: [
      [
        "model Setting {\n  key   String @id\n  value String\n  area  Int    @default(1)\n\n  @@ignore\n}\n",
        "",
      ],
    ],
    phase: "contract",
    oldCode: "works",
  },
  {
    title: "rename a model",
    after: [["model Setting {", "model Option {"]],
    phase: "contract",
    oldCode: "breaks",
  },
  {
    title: "rename a model, and keep its table with @@map",
    after: [
      ["model Setting {", "model Option {"],
      [end, '  area  Int    @default(1)\n\n  @@map("Setting")\n}\n'],
    ],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "give a model another table with @@map",
    after: [[end, '  area  Int    @default(1)\n\n  @@map("settings")\n}\n']],
    phase: "contract",
    oldCode: "breaks",
  },
  {
    title: "add a relation of many to many",
    after: labels,
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "drop a relation of many to many",
    before: labels,
    after: [
      ["  labels     Label[]\n", ""],
      ["  orders Order[]\n", ""],
    ],
    phase: "contract",
    oldCode: "breaks",
  },
  {
    title: "add an optional relation",
    after: [
      [
        "  supplierId Int?\n",
        '  supplierId Int?\n  payerId    Int?\n  payer      Customer? @relation("payer", fields: [payerId], references: [id])\n',
      ],
      ["  orders   Order[]\n", '  orders   Order[]\n  pays     Order[]  @relation("payer")\n'],
    ],
    phase: "expand",
    oldCode: "works",
  },
  {
    title: "add a required relation",
    after: [
      [
        "  supplierId Int?\n",
        '  supplierId Int?\n  payerId    Int\n  payer      Customer @relation("payer", fields: [payerId], references: [id])\n',
      ],
      ["  orders   Order[]\n", '  orders   Order[]\n  pays     Order[]  @relation("payer")\n'],
    ],
    phase: "contract",
    oldCode: "breaks",
    refused: "with rows",
  },
];
