/** The schema that the changes start from. */
export const shop = `enum Status {
  DRAFT
  PAID
  SHIPPED
}

model Customer {
  id       Int      @id @default(autoincrement())
  email    String   @unique
  name     String
  nickname String?
  joinedAt DateTime @default(now())
  orders   Order[]
}

model Order {
  id         Int      @id @default(autoincrement())
  reference  String   @unique @default(uuid())
  status     Status   @default(DRAFT)
  total      Int
  weight     Float?
  note       String?  @db.VarChar(50)
  source     String   @default("web")
  token      String   @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  placedAt   DateTime @default(now())
  supplierId Int?
  customerId Int
  customer   Customer @relation(fields: [customerId], references: [id])

  @@index([placedAt])
}

model Setting {
  key   String @id
  value String
  area  Int    @default(1)
}
`;

/** A text that stands in the schema once, and what stands there afterwards. */
export type Edit = readonly [found: string, replaced: string];

export function edited(schema: string, edits: readonly Edit[]): string {
  return edits.reduce((text, [found, replaced]) => {
    if (text.split(found).length !== 2) throw new Error(`not once in the schema: ${found}\n${text}`);
    return text.replace(found, () => replaced);
  }, schema);
}

/** With what Prisma needs to know besides. @param output where the client is generated */
export function wholeSchema(models: string, output = "./client"): string {
  return `generator client {
  provider            = "prisma-client"
  output              = "${output}"
  engineType          = "client"
  runtime             = "nodejs"
  moduleFormat        = "esm"
  importFileExtension = "ts"
}

datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

${models}`;
}
