/** What changes the tables of a ledger from one version to the next. Never edited once it was released. */
export interface LedgerMigration {
  readonly version: number;
  readonly name: string;
  /** Run in the ledger's schema, in one transaction with all others that are missing. */
  readonly sql: string;
}

export const ledgerMigrations: readonly LedgerMigration[] = [
  {
    version: 1,
    name: "events and leases",
    sql: `
CREATE TABLE events (
  sequence bigint PRIMARY KEY CHECK (sequence > 0),
  at text NOT NULL,
  environment text NOT NULL,
  deployment text,
  type text NOT NULL,
  actor text NOT NULL,
  -- Canonical JSON as text: jsonb would change the bytes that the hash is of.
  payload text NOT NULL,
  -- Two events that follow the same one would be a fork.
  previous_hash text NOT NULL UNIQUE,
  hash text NOT NULL,
  -- By which the one who asked finds its own event after a connection was cut in the middle of a commit.
  append_id uuid NOT NULL UNIQUE
);
CREATE INDEX events_by_environment ON events (environment, sequence);

CREATE FUNCTION refuse_a_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_a_change();

CREATE TABLE leases (
  environment text PRIMARY KEY,
  holder text NOT NULL,
  purpose text NOT NULL,
  fencing_token bigint NOT NULL,
  acquired_at timestamptz NOT NULL,
  -- NULL: given back.
  expires_at timestamptz,
  -- By which the one who asked finds its own lease after a connection was cut.
  grant_id uuid NOT NULL
);

CREATE FUNCTION refuse_an_older_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'fencing tokens only grow';
END $$;
CREATE TRIGGER tokens_only_grow BEFORE UPDATE ON leases
  FOR EACH ROW WHEN (NEW.fencing_token < OLD.fencing_token) EXECUTE FUNCTION refuse_an_older_token();
CREATE TRIGGER tokens_are_not_forgotten BEFORE DELETE OR TRUNCATE ON leases
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_an_older_token();
`,
  },
];
