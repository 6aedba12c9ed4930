import { visit } from "./expressions.ts";
import { strings } from "./nodes.ts";
import type { FuncCall, Node } from "libpg-query";

/** The functions that a statement calls and that may do more than read, as they are written, each once. */
export function doubtfulFunctions(root: unknown): string[] {
  const found = new Set<string>();
  visit(root, (kind, content) => {
    if (kind !== "FuncCall") return;
    const { funcname, args } = content as FuncCall;
    const names = strings(funcname);
    if (!isHarmless(names) && !(names.at(-1) === "setval" && goesOn(args))) found.add(names.join("."));
  });
  return [...found];
}

/** `setval('s', (SELECT max(id) FROM orders))`: it begins after what is there. */
function goesOn(args: readonly Node[] | undefined): boolean {
  let found = false;
  visit(args?.[1], (kind, content) => {
    const { funcname, fields } = content as { funcname?: Node[]; fields?: Node[] };
    if (kind === "FuncCall" && ["max", "nextval"].includes(strings(funcname).at(-1) ?? "")) found = true;
    if (kind === "ColumnRef" && strings(fields).at(-1) === "last_value") found = true;
  });
  return found;
}

/** Functions of PostgreSQL are found before others of the same name, unless search_path says otherwise. */
function isHarmless(names: readonly string[]): boolean {
  const isOwn = names.length === 1 || (names.length === 2 && names[0] === "pg_catalog");
  return isOwn && harmlessFunctions.has(names.at(-1) ?? "");
}

/** IMMUTABLE or STABLE in PostgreSQL's own catalog: they cannot change the database. */
export const readingFunctions: ReadonlySet<string> = words(`
  abs acos acosd acosh age any_value array_agg array_append array_cat array_dims array_fill array_length array_lower
  array_ndims array_position array_positions array_prepend array_remove array_replace array_to_json array_to_string
  array_to_tsvector array_upper ascii asin asind asinh atan atan2 atan2d atand atanh avg
  bit_and bit_count bit_length bit_or bit_xor bool_and bool_or broadcast btrim
  cardinality cbrt ceil ceiling char_length character_length chr col_description concat concat_ws convert convert_from
  casefold convert_to corr cos cosd cosh cot cotd count covar_pop covar_samp crc32 crc32c cume_dist current_database
  current_schema current_schemas current_setting
  daterange datemultirange date_add date_bin date_part date_subtract date_trunc decode degrees dense_rank div
  encode enum_first enum_last enum_range erf erfc every exp extract
  factorial family first_value float4 float8 floor format format_type gamma gcd generate_series generate_subscripts
  get_bit get_byte has_any_column_privilege has_column_privilege has_database_privilege has_function_privilege
  has_language_privilege has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege
  has_tablespace_privilege has_type_privilege host hostmask inet_merge inet_same_family initcap int2 int4
  int4multirange int4range int8 int8multirange int8range is_normalized isempty isfinite
  inet_client_addr inet_client_port json_agg json_agg_strict json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each
  json_each_text json_extract_path json_extract_path_text json_object json_object_agg json_object_keys
  json_populate_record json_populate_recordset json_strip_nulls json_to_record json_to_recordset json_typeof
  jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
  jsonb_concat jsonb_delete jsonb_delete_path jsonb_each jsonb_each_text jsonb_exists jsonb_exists_all jsonb_exists_any
  jsonb_extract_path
  jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg jsonb_object_keys jsonb_path_exists
  jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_populate_record
  jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset
  jsonb_typeof justify_days justify_hours justify_interval lag last_value lcm lead left length lgamma like_escape ln
  log log10 lower lower_inc lower_inf lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz
  masklen max md5 min min_scale mod mode multirange netmask network normalize now nth_value ntile
  num_nonnulls num_nulls numeric numnode nummultirange numrange obj_description octet_length overlaps overlay
  parse_ident percent_rank percentile_cont percentile_disc pg_backend_pid pg_client_encoding pg_collation_for
  pg_column_compression pg_column_size pg_encoding_to_char pg_get_constraintdef pg_get_expr pg_get_functiondef
  pg_get_indexdef pg_get_ruledef pg_get_serial_sequence pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role
  pg_size_bytes pg_size_pretty pg_table_is_visible pg_type_is_visible pg_typeof phraseto_tsquery pi plainto_tsquery
  position pow power querytree quote_ident quote_literal quote_nullable radians range_agg range_merge rank regexp_count
  regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table
  regexp_substr regr_slope repeat replace reverse right round row_number row_to_json rpad rtrim scale set_bit set_byte
  set_masklen setweight sha224 sha256 sha384 sha512 shobj_description sign similar_escape similar_to_escape sin sind
  sinh split_part sqrt starts_with statement_timestamp stddev stddev_pop stddev_samp string_agg string_to_array
  string_to_table strip strpos substr substring sum tan tand tanh text time timestamp timestamptz timezone to_ascii
  to_bin to_char to_date to_hex to_json to_jsonb to_number to_oct to_regclass to_regnamespace to_regproc to_regprocedure to_regrole
  to_regtype to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim_array trim_scale trunc
  ts_delete ts_filter ts_headline ts_rank ts_rank_cd tsmultirange tsquery_phrase tsrange tstzmultirange tstzrange
  tsvector_to_array txid_current txid_current_if_assigned unistr unnest upper upper_inc upper_inf uuid_extract_timestamp
  uuid_extract_version var_pop var_samp variance version websearch_to_tsquery width_bucket xmlagg xmlcomment
  xmlconcat2 xpath xpath_exists
`);

/** VOLATILE, and yet nothing that live code or a later statement would notice; nor do they reach out of the database. */
export const harmlessVolatileFunctions: ReadonlySet<string> = words(`
  clock_timestamp current_query currval gen_random_uuid lastval nextval pg_blocking_pids pg_database_size pg_indexes_size
  pg_is_in_recovery pg_relation_size pg_sleep pg_sleep_for pg_sleep_until pg_table_size pg_total_relation_size random
  random_normal setseed timeofday uuidv4 uuidv7
`);

const harmlessFunctions: ReadonlySet<string> = new Set([...readingFunctions, ...harmlessVolatileFunctions]);

function words(text: string): Set<string> {
  return new Set(text.trim().split(/\s+/));
}
