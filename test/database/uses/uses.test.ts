import { describe, expect, it } from "vitest";
import {
  migrationFile,
  reviewMigrations,
  usesInAny,
  usesOf,
  usesOfPrismaSchema,
} from "../../../src/database/database.ts";

const schema = `
model Order {
  id      Int      @id @default(autoincrement())
  buyerId Int      @map("buyer_id")
  buyer   User     @relation(fields: [buyerId], references: [id])
  status  Status[] @default([])
  old     String?  @ignore
  geo     Unsupported("circle")?
  tags    Tag[]    @relation("OrderTags")
  friends Order[]  @relation("friends")
  of      Order[]  @relation("friends")
  @@map("orders")
  @@schema("billing")
}
model User {
  id     Int     @id
  orders Order[]
}
model Tag {
  id     Int     @id
  orders Order[] @relation("OrderTags")
  posts  Post[]
}
model Post {
  id   Int   @id
  tags Tag[]
}
model Gone {
  id Int @id
  @@ignore
}
view Totals {
  id Int @unique
}
enum Status {
  OPEN @map("open")
  DONE
  @@map("order_status")
}
`;

describe("what a Prisma client uses", () => {
  it("has the database's names, tables of relations, and nothing that is ignored", async () => {
    expect(await usesOfPrismaSchema(schema)).toEqual({
      tables: {
        Post: ["id"],
        Tag: ["id"],
        Totals: ["id"],
        User: ["id"],
        _PostToTag: ["A", "B"],
        "billing._OrderTags": ["A", "B"],
        "billing._friends": ["A", "B"],
        "billing.orders": ["id", "buyer_id", "status", "geo"],
      },
      types: ["order_status"],
    });
  });

  it("is an error for what is no schema", async () => {
    await expect(usesOfPrismaSchema("model {")).rejects.toThrow();
  });
});

describe("a column that a migration drops", () => {
  const files = [
    migrationFile("1", "1.sql", "CREATE TABLE users (id int PRIMARY KEY, nick text);"),
    migrationFile("2", "2.sql", "ALTER TABLE users DROP COLUMN nick;"),
  ];
  const review = async (...releases: Parameters<typeof usesOf>[0]) => {
    const { migrations, evidence } = await reviewMigrations(files, {
      applied: ["1"],
      uses: usesOf(releases),
    });
    return { ...migrations[0]!, verdict: evidence.verdict, details: evidence.details };
  };
  const without = { tables: { users: ["id"] }, types: [], sql: [] };
  const withIt = { tables: { users: ["id", "nick"] }, types: [], sql: [] };

  it("breaks the release whose schema declares it, which is named", async () => {
    const found = await review(
      { label: "1.0 (may come back)", uses: withIt },
      { label: "1.1 (live)", uses: without },
    );
    expect(found).toMatchObject({ phase: "contract", liveCode: "breaks", verdict: "fail" });
    expect(found.details).toContain("2.sql:1: 1.0 (may come back) uses users.nick, and fails");
  });

  it("may go when none declares it; it is a contraction all the same", async () => {
    const found = await review({ label: "1.1 (live)", uses: without });
    expect(found).toMatchObject({ phase: "contract", verdict: "pass" });
    expect(found).not.toHaveProperty("liveCode");
  });

  it("is used by SQL that the team lists", async () => {
    for (const sql of [["users.nick"], ["users"]])
      expect(await review({ label: "1.1", uses: { ...without, sql } })).toMatchObject({ liveCode: "breaks" });
  });

  it.each([["USERS.nick"], ['"users"."nick"'], ["public.users"], ["Users"]])(
    "is used by SQL that the team lists as %s",
    async (said) => {
      expect(await review({ label: "1.1", uses: { ...without, sql: [said] } })).toMatchObject({
        liveCode: "breaks",
      });
    },
  );

  it.each([
    ["a release recorded nothing", null],
    ["nobody said what SQL of one's own uses", { ...without, sql: null }],
  ])("needs a person where %s", async (_, uses) => {
    expect(await review({ label: "1.1", uses })).toMatchObject({
      liveCode: "unknown",
      verdict: "insufficient",
    });
  });
});

describe("what a person says of a migration", () => {
  const first = migrationFile("1", "1.sql", "CREATE TABLE users (id int PRIMARY KEY, email text);");
  const review = async (sql: string, uses = usesOf([{ label: "1.0", uses: null }])) => {
    const { migrations } = await reviewMigrations([first, migrationFile("2", "2.sql", sql)], {
      applied: ["1"],
      uses,
      today: new Date("2027-01-31T23:00:00Z"),
    });
    return migrations[0]!;
  };

  it("settles what nobody could know, with the reason", async () => {
    const found = await review(
      '-- fairway:phase contract reason="1.0 writes it in every row"\nALTER TABLE users ALTER COLUMN email SET NOT NULL;',
    );
    expect(found).toMatchObject({ phase: "contract", phaseReason: "1.0 writes it in every row" });
    expect(found).not.toHaveProperty("liveCode");
  });

  it("does not talk away that live code uses it", async () => {
    const uses = usesOf([{ label: "1.0", uses: { tables: { users: ["email"] }, types: [], sql: [] } }]);
    const found = await review(
      '-- fairway:phase expand reason="x"\nALTER TABLE users DROP COLUMN email;',
      uses,
    );
    expect(found).toMatchObject({ phase: "contract", liveCode: "breaks" });
  });

  it.each([
    ["-- fairway:allow set-not-null\n", "gives no reason"],
    ['-- fairway:allow reason="x"\n', "names no rule"],
    ['-- fairway:allow set-not-null reason="x" until=2027-02-30\n', "is no day"],
    ['-- fairway:allow set-not-null reason="x" untill=2027-02-28\n', "untill"],
    ['-- fairway:allow set-not-null reason="x" until=2027-01-30\n', "ended on 2027-01-30"],
    ['-- fairway:allow drop-column reason="x"\n', "allows nothing here"],
    ['-- fairway:alow set-not-null reason="x"\n', "fairway:alow is nothing known"],
    ['-- fairway:phase unknown reason="x"\n', "names no phase"],
    ["-- fairway:phase expand\n", "gives no reason"],
  ])("is refused as %j", async (comment, what) => {
    const { findings } = await review(`${comment}ALTER TABLE users ALTER COLUMN email SET NOT NULL;`);
    expect(findings.find(({ rule }) => rule === "exception")?.what).toContain(what);
    expect(findings.find(({ rule }) => rule === "set-not-null")?.allowed).toBeNull();
  });

  it("counts for the statement below it, to the end of its last day", async () => {
    const { findings } = await review(
      "ALTER TABLE users ALTER COLUMN email SET NOT NULL;\n" +
        '-- fairway:allow set-not-null reason="ten rows" until=2027-01-31\n' +
        "ALTER TABLE users ALTER COLUMN id SET NOT NULL, ALTER COLUMN email SET NOT NULL;",
    );
    const found = findings.filter(({ rule }) => rule === "set-not-null");
    expect(found.map(({ place, allowed }) => [place, allowed])).toEqual([["2.sql:1", null]]);
    expect(findings.find(({ rule }) => rule === "exception")?.what).toContain("allows nothing here");
  });

  it("is found above the statement, inside it, and not below the last", async () => {
    const inside =
      'ALTER TABLE users /* fairway:allow set-not-null reason="few" */ ALTER COLUMN email SET NOT NULL;';
    expect((await review(inside)).findings[0]).toMatchObject({
      rule: "set-not-null",
      allowed: { reason: "few", until: null },
    });
    const below =
      'ALTER TABLE users ALTER COLUMN email SET NOT NULL;\n-- fairway:allow set-not-null reason="few"';
    expect((await review(below)).findings.find(({ rule }) => rule === "exception")?.what).toContain(
      "below the last statement",
    );
  });
});

it("of a table, a column that the team lists is a use of the table", () => {
  const uses = usesOf([{ label: "1.1", uses: { tables: {}, types: [], sql: ["orders.total"] } }]);
  expect(uses.table("orders").state).toBe("used");
  expect(uses.column("orders", "id").state).toBe("unused");
});

it("a name without a schema may be the one in a schema that a migration names", () => {
  const tables = { orders: ["id"] };
  const uses = usesOf([{ label: "1.1", uses: { tables, types: ["state"], sql: [] } }]);
  expect(uses.table("billing.orders").state).toBe("unknown");
  expect(uses.column("billing.orders", "id").state).toBe("unknown");
  expect(uses.column("billing.orders", "nick").state).toBe("unused");
  expect(uses.type("billing.state").state).toBe("unknown");
  expect(uses.table("billing.users").state).toBe("unused");
});

it("enums and tables of relations are in the schema that Prisma puts them in", async () => {
  const found = await usesOfPrismaSchema(`
    model B {
      id Int @id
      as A[]
      @@schema("two")
    }
    model A {
      id Int @id
      bs B[]
      @@schema("one")
      @@map("a.b")
    }
    enum State {
      OPEN
      @@map("states")
      @@schema("two")
    }`);
  expect(Object.keys(found.tables)).toEqual(['one."a.b"', "one._AToB", "two.B"]);
  expect(found.types).toEqual(["two.states"]);
});

it("of several environments, what one uses is used; what one may use is not known to be free", () => {
  const declares = (tables: Readonly<Record<string, readonly string[]>>, sql: readonly string[] | null) =>
    usesOf([{ label: Object.keys(tables).join(), uses: { tables, types: [], sql } }]);
  const [orders, users, silent] = [
    declares({ orders: ["id"] }, []),
    declares({ users: ["id"] }, []),
    declares({}, null),
  ];
  expect(usesInAny([orders, users]).column("users", "id")).toEqual({ state: "used", by: ["users"] });
  expect(usesInAny([orders, users]).table("gone").state).toBe("unused");
  expect(usesInAny([orders, silent]).table("gone").state).toBe("unknown");
  expect(usesInAny([silent, orders]).table("orders").state).toBe("used");
  expect(usesInAny([]).type("Role").state).toBe("unused");
});
