//! Statements PostgreSQL refuses to run in a transaction, and what leads to and from them.
//!
//! A file that runs outside a transaction holds one statement: several in one query would be a
//! transaction again.

use super::landmark::Landmark;

pub(super) const LANDMARKS: &[Landmark] = &[
    Landmark::new(
        "create_api_keys",
        r#"
CREATE TABLE api_keys (
    key_id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    key_hash bytea NOT NULL,
    scopes text[] NOT NULL DEFAULT ARRAY['read']::text[],
    meta jsonb NOT NULL DEFAULT '{"note": "a;b"}'
);
"#,
        "DROP TABLE api_keys;\n",
    ),
    Landmark::new(
        "index_api_key_hashes",
        r#"
-- The next migration makes a constraint of it.
CREATE UNIQUE INDEX CONCURRENTLY api_keys_hash_key ON api_keys (key_hash); -- nothing after this"#,
        "DROP INDEX CONCURRENTLY api_keys_hash_key",
    )
    .outside_transaction(),
    Landmark::new(
        "make_api_key_hashes_unique",
        r#"
ALTER TABLE api_keys
    ADD CONSTRAINT api_keys_hash_key UNIQUE USING INDEX api_keys_hash_key;
"#,
        r#"
-- The constraint takes its index with it.
ALTER TABLE api_keys DROP CONSTRAINT api_keys_hash_key;
CREATE UNIQUE INDEX api_keys_hash_key ON api_keys (key_hash);
"#,
    ),
    Landmark::new(
        "index_api_key_meta",
        r#"
CREATE INDEX CONCURRENTLY IF NOT EXISTS "api_keys meta; all"
    ON api_keys USING gin (meta jsonb_path_ops)
    WITH (fastupdate = off)
    WHERE meta ->> 'note' <> ';';
"#,
        r#"DROP INDEX CONCURRENTLY IF EXISTS "api_keys meta; all";"#,
    )
    .outside_transaction(),
    Landmark::new(
        "rebuild_api_key_index",
        "REINDEX INDEX CONCURRENTLY api_keys_hash_key;\n",
        "-- Nothing to undo.\nSELECT 1;\n",
    )
    .outside_transaction(),
    Landmark::new(
        "vacuum_api_keys",
        "VACUUM (ANALYZE) api_keys;\n",
        "-- Nothing to undo; ANALYZE has no opposite.\nSELECT 'nothing; really';\n",
    )
    .outside_transaction(),
    Landmark::new(
        "drop_api_key_meta_index",
        r#"DROP INDEX CONCURRENTLY "api_keys meta; all";"#,
        r#"
CREATE INDEX CONCURRENTLY "api_keys meta; all"
    ON api_keys USING gin (meta jsonb_path_ops)
    WITH (fastupdate = off)
    WHERE meta ->> 'note' <> ';';
"#,
    )
    .outside_transaction(),
];
