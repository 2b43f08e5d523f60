//! Who may see and change what: policies, grants, rules.

use super::landmark::Landmark;

pub(super) const LANDMARKS: &[Landmark] = &[
    Landmark::new(
        "separate_tenants",
        r#"
CREATE FUNCTION current_tenant() RETURNS integer
LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('app.tenant', true), '')::integer; $$;

CREATE TABLE tenants (
    id integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE tenant_notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id integer NOT NULL DEFAULT current_tenant() REFERENCES tenants,
    note text NOT NULL
);

ALTER TABLE tenant_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_notes FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON tenant_notes
    USING (tenant_id = current_tenant())
    WITH CHECK (tenant_id = current_tenant() AND note <> ';');
"#,
        r#"
DROP TABLE tenant_notes;
DROP TABLE tenants;
DROP FUNCTION current_tenant();
"#,
    ),
    Landmark::new(
        "grant_reading_of_tenants",
        r#"
GRANT SELECT ON tenants TO PUBLIC;
GRANT SELECT (id, note) ON tenant_notes TO PUBLIC;
REVOKE EXECUTE ON FUNCTION current_tenant() FROM PUBLIC;
"#,
        r#"
GRANT EXECUTE ON FUNCTION current_tenant() TO PUBLIC;
REVOKE SELECT (id, note) ON tenant_notes FROM PUBLIC;
REVOKE SELECT ON tenants FROM PUBLIC;
"#,
    ),
    Landmark::new(
        "log_tenant_names",
        r#"
CREATE TABLE tenant_log (
    at timestamptz NOT NULL DEFAULT now(),
    old_name text,
    new_name text
);

CREATE RULE log_rename AS ON UPDATE TO tenants
    WHERE new.name IS DISTINCT FROM old.name
    DO ALSO (
        INSERT INTO tenant_log (old_name, new_name) VALUES (old.name, new.name);
        DELETE FROM tenant_log WHERE at < now() - interval '1 year';
    );

CREATE RULE keep_log AS ON DELETE TO tenants DO INSTEAD NOTHING;
"#,
        r#"
DROP RULE keep_log ON tenants;
DROP RULE log_rename ON tenants;
DROP TABLE tenant_log;
"#,
    ),
    Landmark::new(
        "let_auditors_see_notes",
        r#"
ALTER POLICY tenant_isolation ON tenant_notes RENAME TO "tenant isolation; strict";

CREATE POLICY audit ON tenant_notes AS PERMISSIVE FOR SELECT TO CURRENT_USER
    USING (EXISTS (SELECT FROM tenants AS t WHERE t.id = tenant_id AND t.name ~ 'audit'));
"#,
        r#"
DROP POLICY audit ON tenant_notes;

ALTER POLICY "tenant isolation; strict" ON tenant_notes RENAME TO tenant_isolation;
"#,
    ),
];
