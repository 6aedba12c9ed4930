/** Quoted, and without the schema that the session looks in first. */
const shown = (name: string, schema = "n") =>
  `(CASE WHEN ${schema}.nspname = current_schema() THEN '' ELSE quote_ident(${schema}.nspname) || '.' END || quote_ident(${name}))`;

/** Neither PostgreSQL's own, nor what an extension has brought. */
const own = (catalog: string, id: string, schema = "n") =>
  `${schema}.nspname NOT LIKE 'pg\\_%' AND ${schema}.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${id} AND e.deptype = 'e')`;

const table = shown("c.relname");
const ownTable = `c.relname <> '_prisma_migrations' AND ${own("pg_class", "c.oid")}`;
const ofTable = "JOIN pg_class c ON c.oid = %s JOIN pg_namespace n ON n.oid = c.relnamespace";
const joined = (column: string) => ofTable.replace("%s", column);

/** What pg_get_indexdef and its like say of a table, with the name that is shown. */
const renamed = (definition: string) =>
  `replace(${definition}, quote_ident(n.nspname) || '.' || quote_ident(c.relname), ${table})`;

/** Of the catalogue alone, which every user may read. Each answers rows of `SchemaObject` without its kind. */
export const queries = {
  schemas: `
    SELECT NULL AS "table", quote_ident(n.nspname) AS name, 'CREATE SCHEMA ' || quote_ident(n.nspname) AS sql,
      'DROP SCHEMA ' || quote_ident(n.nspname) AS drop
    FROM pg_namespace n WHERE n.nspname <> 'public' AND n.nspname IS DISTINCT FROM current_schema()
      AND ${own("pg_namespace", "n.oid")} ORDER BY 2`,

  enums: `
    SELECT NULL AS "table", ${shown("t.typname")} AS name,
      format('CREATE TYPE %s AS ENUM (%s)', ${shown("t.typname")},
        (SELECT string_agg(quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = t.oid)) AS sql,
      'DROP TYPE ' || ${shown("t.typname")} AS drop
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype = 'e' AND ${own("pg_type", "t.oid")} ORDER BY 2`,

  domains: `
    SELECT NULL AS "table", ${shown("t.typname")} AS name,
      format('CREATE DOMAIN %s AS %s', ${shown("t.typname")}, format_type(t.typbasetype, t.typtypmod))
        || coalesce(' DEFAULT ' || t.typdefault, '') || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
        || coalesce((SELECT string_agg(format(' CONSTRAINT %I %s', x.conname, pg_get_constraintdef(x.oid)), '' ORDER BY x.conname)
             FROM pg_constraint x WHERE x.contypid = t.oid AND x.contype = 'c'), '') AS sql,
      'DROP DOMAIN ' || ${shown("t.typname")} AS drop
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype = 'd' AND ${own("pg_type", "t.oid")} ORDER BY 2`,

  composites: `
    SELECT NULL AS "table", ${table} AS name,
      format('CREATE TYPE %s AS (%s)', ${table},
        (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
         FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)) AS sql,
      'DROP TYPE ' || ${table} AS drop
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'c' AND ${own("pg_type", "c.reltype")} ORDER BY 2`,

  // Those of a serial or an identity column come and go with it.
  sequences: `
    SELECT NULL AS "table", ${table} AS name,
      format('CREATE SEQUENCE %s AS %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s%s', ${table}, format_type(s.seqtypid, NULL),
        s.seqstart, s.seqincrement, s.seqmin, s.seqmax, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) AS sql,
      'DROP SEQUENCE ' || ${table} AS drop
    FROM pg_sequence s ${joined("s.seqrelid")}
    WHERE ${ownTable} AND NOT EXISTS (SELECT FROM pg_depend o WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid
      AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'i') ORDER BY 2`,

  functions: `
    SELECT NULL AS "table", ${shown("p.proname")} || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name,
      replace(pg_get_functiondef(p.oid), quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(', ${shown("p.proname")} || '(') AS sql,
      format('DROP %s %s(%s)', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, ${shown("p.proname")},
        pg_get_function_identity_arguments(p.oid)) AS drop
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prokind IN ('f', 'p') AND ${own("pg_proc", "p.oid")} ORDER BY 2`,

  tables: `
    SELECT NULL AS "table", ${table} AS name, c.relispartition AS "ofPartition", 'DROP TABLE ' || ${table} AS drop,
      'CREATE ' || CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED ' ELSE '' END || 'TABLE ' || ${table} AS head,
      concat_ws(' ',
        CASE WHEN c.relispartition THEN 'PARTITION OF ' || parents.names || ' ' || pg_get_expr(c.relpartbound, c.oid)
          WHEN parents.names IS NOT NULL THEN 'INHERITS (' || parents.names || ')' END,
        CASE WHEN c.relkind = 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(c.oid) END) AS tail
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN LATERAL (
      SELECT string_agg(${shown("q.relname", "m")}, ', ' ORDER BY i.inhseqno) AS names
      FROM pg_inherits i JOIN pg_class q ON q.oid = i.inhparent JOIN pg_namespace m ON m.oid = q.relnamespace
      WHERE i.inhrelid = c.oid) parents ON true
    WHERE c.relkind IN ('r', 'p') AND ${ownTable} ORDER BY c.relispartition, parents.names IS NOT NULL, c.oid`,

  columns: `
    SELECT ${table} AS "table", quote_ident(a.attname) AS name, c.relispartition AS "ofPartition",
      format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END AS type,
      a.attnotnull AS "notNull",
      CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS fallback,
      CASE WHEN a.attidentity = 'a' THEN 'GENERATED ALWAYS AS IDENTITY'
        WHEN a.attidentity = 'd' THEN 'GENERATED BY DEFAULT AS IDENTITY'
        WHEN a.attgenerated = 's' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED'
        WHEN a.attgenerated = 'v' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') VIRTUAL'
        ELSE '' END AS generated
    FROM pg_attribute a ${joined("a.attrelid")} JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND ${ownTable} ORDER BY c.oid, a.attnum`,

  // NOT NULL is one since PostgreSQL 18; it is compared with its column.
  constraints: `
    SELECT ${table} AS "table", quote_ident(x.conname) AS name, c.relispartition AS "ofPartition",
      format('ALTER TABLE %s ADD CONSTRAINT %I %s', ${table}, x.conname, pg_get_constraintdef(x.oid)) AS sql,
      format('ALTER TABLE %s DROP CONSTRAINT %I', ${table}, x.conname) AS drop
    FROM pg_constraint x ${joined("x.conrelid")}
    WHERE x.contype IN ('p', 'u', 'f', 'c', 'x') AND x.conparentid = 0 AND x.conislocal AND ${ownTable}
    ORDER BY x.contype = 'f', c.oid, x.conname`,

  indexes: `
    SELECT ${table} AS "table", ${shown("ic.relname")} AS name, c.relispartition AS "ofPartition", NOT i.indisvalid AS invalid,
      regexp_replace(${renamed("pg_get_indexdef(ic.oid)")}, ' ON ONLY ', ' ON ') AS sql, 'DROP INDEX ' || ${shown("ic.relname")} AS drop
    FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid ${joined("i.indrelid")}
    WHERE NOT ic.relispartition AND c.relkind IN ('r', 'p', 'm') AND ${ownTable}
      AND NOT EXISTS (SELECT FROM pg_constraint x WHERE x.conindid = ic.oid AND x.contype IN ('p', 'u', 'x'))
    ORDER BY c.oid, ic.relname`,

  views: `
    SELECT NULL AS "table", ${table} AS name,
      format('CREATE %sVIEW %s AS %s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, ${table},
        rtrim(pg_get_viewdef(c.oid, true), ';')) AS sql,
      format('DROP %sVIEW %s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, ${table}) AS drop
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND ${ownTable} ORDER BY c.oid`,

  triggers: `
    SELECT ${table} AS "table", quote_ident(g.tgname) AS name, c.relispartition AS "ofPartition",
      ${renamed("pg_get_triggerdef(g.oid)")} || CASE g.tgenabled WHEN 'D' THEN ' /* disabled */' ELSE '' END AS sql,
      format('DROP TRIGGER %I ON %s', g.tgname, ${table}) AS drop
    FROM pg_trigger g ${joined("g.tgrelid")} WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND ${ownTable} ORDER BY c.oid, g.tgname`,

  rowSecurity: `
    SELECT ${table} AS "table", ${table} AS name, c.relispartition AS "ofPartition",
      format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', ${table}) || CASE WHEN c.relforcerowsecurity
        THEN format('; ALTER TABLE %s FORCE ROW LEVEL SECURITY', ${table}) ELSE '' END AS sql,
      format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', ${table}) AS drop
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relrowsecurity AND ${ownTable} ORDER BY c.oid`,

  policies: `
    SELECT ${table} AS "table", quote_ident(p.polname) AS name, c.relispartition AS "ofPartition",
      format('CREATE POLICY %I ON %s AS %s FOR %s', p.polname, ${table},
        CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
        CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END)
        || coalesce(' TO ' || (SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname) FROM pg_roles r WHERE r.oid = ANY (p.polroles)), '')
        || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
        || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '') AS sql,
      format('DROP POLICY %I ON %s', p.polname, ${table}) AS drop
    FROM pg_policy p ${joined("p.polrelid")} WHERE ${ownTable} ORDER BY c.oid, p.polname`,
} as const;
