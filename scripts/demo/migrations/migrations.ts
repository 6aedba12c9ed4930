import { expect } from "../narrator.ts";
import { perform, type Scene, type Story } from "../perform.ts";
import { Stage } from "./stage.ts";
import { summaryTable } from "./summary.ts";

const deploy = ["deploy", "--env", "local"];
const both = ["contactEmail", "customerEmail"];

/**
 * A column of a shop that is open gets another name, in three releases: examples/shop/releases. Throws when a request fails, when
 * an order loses its address, when two releases do not serve at once, or when what must be refused is not.
 */
async function tell(stage: Stage): Promise<void> {
  const { narrator, shop } = stage;
  narrator.chapter("A shop that is open: four replicas of its api, and customers");
  narrator.say(
    "examples/shop in a repository of its own. Fairway is linked into it; how it is installed is shown by npm run demo.",
  );
  const first = await stage.setUp();

  narrator.chapter("1. Order.customerEmail is to be called contactEmail: in one release it is refused");
  await stage.apply("in-one-release.patch");
  await stage.changesNothing(first, ["customerEmail"], () =>
    stage.fairway(
      1,
      deploy,
      "migrations failed; nothing was changed",
      "high rename-column",
      "it is called contactEmail from then on",
      `${first} (live) uses Order.customerEmail, and fails`,
    ),
  );
  await shop.show("git", ["reset", "--quiet", "--hard", "HEAD~1"]);

  narrator.chapter("2. Release 1, expand: a new column; the code writes both, and reads whichever is there");
  const expand = await stage.apply("1-expand.patch");
  await rollOut(stage, "1 expand", first, expand);
  await stage.expectColumns(both);

  narrator.chapter(
    "3. Release 2, backfill: the rows of before are filled; the code knows only the new column",
  );
  const backfill = await stage.apply("2-backfill.patch");
  await rollOut(stage, "2 backfill", expand, backfill);
  const [rows] = await stage.ask<{ empty: number; old: number }>(
    `SELECT count(*) FILTER (WHERE "contactEmail" IS NULL)::int AS empty, count("customerEmail")::int AS old FROM "Order"`,
  );
  expect(rows?.empty === 0, `${String(rows?.empty)} orders have no contactEmail`);
  narrator.promise(
    `no order is without contactEmail; ${rows.old.toLocaleString("en")} still have customerEmail, and new ones do not`,
  );

  narrator.chapter("4. The way back is open: to release 1, and forward again");
  await stage.rollOut({
    ...{ title: "back to 1", from: backfill, to: expand },
    words: ["rollback", "--env", "local", "--reason", "To see that it can be done"],
    says: [`${expand} is live again in local`],
  });
  await rollOut(stage, "2 again", expand, backfill);

  narrator.chapter(
    "5. Release 3, contract: not while somebody may go back to code that reads the old column",
  );
  const early = await stage.apply("3-contract.patch");
  await stage.changesNothing(backfill, both, () =>
    stage.fairway(
      1,
      ["migrations", "--env", "local"],
      "20261215090000_drop_order_customer_email would break code that is live",
      `${expand} (may come back`,
    ),
  );
  narrator.say(
    "\nRelease 2 has to serve for a day first: database.contractSoakMinutes is 1440. Nobody waits for a day here, so this\n" +
      "demo sets it to 0. In a shop of yours it is the time in which you find out that you have to go back.",
  );
  const noSoak = "s/contractSoakMinutes: 1440/contractSoakMinutes: 0/";
  await shop.show("sed", ["-i", noSoak, "fairway.yaml"]);
  const who = [
    "-c",
    "user.name=Ada Marsh",
    "-c",
    "user.email=ada@harbour.example",
    "-c",
    "commit.gpgsign=false",
  ];
  await shop.show("git", [...who, "commit", "--quiet", "--all", "--message=chore: nobody soaks in a demo"]);
  const contract = await stage.head();
  expect(contract !== early, "contractSoakMinutes is as it was");
  await rollOut(stage, "3 contract", backfill, contract);
  await stage.expectColumns(["contactEmail"]);

  narrator.chapter("6. Nobody goes back past it");
  await stage.changesNothing(contract, ["contactEmail"], () =>
    stage.fairway(
      3,
      ["rollback", "--env", "local", "--reason", "To see that it cannot be done"],
      "20261215090000_drop_order_customer_email changed the database",
    ),
  );

  narrator.chapter("What came of it");
  const orders = await stage.readAll(contract);
  narrator.promise(
    `all ${orders.toLocaleString("en")} orders, of whichever release, have the address that they were given`,
  );
  await stage.down();
  console.log(`\n${summaryTable(stage.rows)}`);
}

async function rollOut(stage: Stage, title: string, from: string, to: string): Promise<void> {
  await stage.rollOut({ title, from, to, words: deploy, says: [`${to} is live in local`] });
}

function migrations(scene: Scene): Story {
  const stage = new Stage(scene);
  return {
    tell: () => tell(stage),
    stop: (signal) => stage.stop(signal),
    keptText: () =>
      `Its repository is kept, as asked, and nothing of it runs:\n  cd ${stage.shop.directory}\n  npx fairway history`,
    close: () => stage.close(scene.keep),
  };
}

if (import.meta.main) await perform("migrations", migrations);
