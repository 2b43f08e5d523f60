//! Functions, procedures, aggregates and triggers.

use super::landmark::Landmark;

/// What `diesel setup` writes.
pub(super) const DIESEL_INITIAL_SETUP: Landmark = Landmark::new(
    "diesel_initial_setup",
    r#"
-- This file was automatically created by Diesel to setup helper functions
-- and other internal bookkeeping. This file is safe to edit, any future
-- changes will be added to existing projects as new migrations.




-- Sets up a trigger for the given table to automatically set a column called
-- `updated_at` whenever the row is modified (unless `updated_at` was included
-- in the modified columns)
--
-- # Example
--
-- ```sql
-- CREATE TABLE users (id SERIAL PRIMARY KEY, updated_at TIMESTAMP NOT NULL DEFAULT NOW());
--
-- SELECT diesel_manage_updated_at('users');
-- ```
CREATE OR REPLACE FUNCTION diesel_manage_updated_at(_tbl regclass) RETURNS VOID AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER set_updated_at BEFORE UPDATE ON %s
                    FOR EACH ROW EXECUTE PROCEDURE diesel_set_updated_at()', _tbl);
END;
$$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION diesel_set_updated_at() RETURNS trigger AS $$
BEGIN
    IF (
        NEW IS DISTINCT FROM OLD AND
        NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at
    ) THEN
        NEW.updated_at := current_timestamp;
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
"#,
    r#"
-- This file was automatically created by Diesel to setup helper functions
-- and other internal bookkeeping. This file is safe to edit, any future
-- changes will be added to existing projects as new migrations.

DROP FUNCTION IF EXISTS diesel_manage_updated_at(_tbl regclass);
DROP FUNCTION IF EXISTS diesel_set_updated_at();
"#,
);

/// SQL-standard bodies, parsed when they are created: the semicolons between `BEGIN ATOMIC` and
/// `END` do not end the statement, and neither does the `END` of a `CASE`.
pub(super) const WITH_BEGIN_ATOMIC: Landmark = Landmark::new(
    "add_discount_functions",
    r#"
CREATE FUNCTION discount_for(total numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN total > 1000 THEN 0.1 WHEN total > 100 THEN 0.05 ELSE 0 END;
END;

CREATE FUNCTION net_of_discount(total numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
RETURN total * (1 - discount_for(total));

CREATE PROCEDURE set_discount_note(text)
BEGIN ATOMIC
    DELETE FROM app_settings WHERE key = 'discount;note';
    INSERT INTO app_settings (key, value) VALUES ('discount;note', $1 || CASE WHEN $1 = '' THEN 'END;' ELSE '' END);
END;
"#,
    DROP_DISCOUNT_FUNCTIONS,
);

/// The same functions for a server before version 14.
pub(super) const WITHOUT_BEGIN_ATOMIC: Landmark = Landmark::new(
    "add_discount_functions",
    r#"
CREATE FUNCTION discount_for(total numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN total > 1000 THEN 0.1 WHEN total > 100 THEN 0.05 ELSE 0 END;
$$;

CREATE FUNCTION net_of_discount(total numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS 'SELECT total * (1 - discount_for(total))';

CREATE PROCEDURE set_discount_note(text)
LANGUAGE sql
AS $$
    DELETE FROM app_settings WHERE key = 'discount;note';
    INSERT INTO app_settings (key, value) VALUES ('discount;note', $1 || CASE WHEN $1 = '' THEN 'END;' ELSE '' END);
$$;
"#,
    DROP_DISCOUNT_FUNCTIONS,
);

const DROP_DISCOUNT_FUNCTIONS: &str = r#"
DROP PROCEDURE set_discount_note(text);
DROP FUNCTION net_of_discount(numeric);
DROP FUNCTION discount_for(numeric);
"#;

pub(super) const LANDMARKS: &[Landmark] = &[
    Landmark::new(
        "create_counter_functions",
        r#"
CREATE FUNCTION count_rows(relation regclass) RETURNS bigint
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    result bigint;
BEGIN
    EXECUTE $q$ SELECT count(*) FROM $q$ || relation || $q$ AS "$$; not a quote" $q$ INTO result;
    RETURN result;
END;
$fn$;

CREATE FUNCTION make_counter(name text) RETURNS void
LANGUAGE plpgsql AS $fn$
BEGIN
    EXECUTE format($q$
        CREATE OR REPLACE FUNCTION %I() RETURNS bigint LANGUAGE sql AS $$
            SELECT count(*) FROM app_settings WHERE note <> '$fn;';
        $$;
    $q$, 'count_' || name);
END
$fn$;

SELECT make_counter('settings');
"#,
        r#"
DROP FUNCTION count_settings();
DROP FUNCTION make_counter(text);
DROP FUNCTION count_rows(regclass);
"#,
    ),
    Landmark::new(
        "create_stock_ledger",
        r#"
CREATE TABLE stock_ledger (
    id bigserial PRIMARY KEY,
    article text NOT NULL,
    delta integer NOT NULL,
    balance integer
);

CREATE FUNCTION stock_ledger_balance() RETURNS trigger AS '
BEGIN
    -- An old-fashioned body; its quotes are doubled.
    IF NEW.article = ''''  THEN
        RAISE EXCEPTION ''no article; row %'', NEW.id;
    END IF;
    SELECT coalesce(sum(l.delta), 0) + NEW.delta INTO NEW.balance
    FROM stock_ledger AS l WHERE l.article = NEW.article;
    RETURN NEW;
END;
' LANGUAGE 'plpgsql';

CREATE TRIGGER balance BEFORE INSERT ON stock_ledger
    FOR EACH ROW WHEN (NEW.delta <> 0) EXECUTE PROCEDURE stock_ledger_balance();

INSERT INTO stock_ledger (article, delta) VALUES ('nut', 5), ('bolt; M4', 7), ('nut', -2);
"#,
        r#"
DROP TABLE stock_ledger;
DROP FUNCTION stock_ledger_balance();
"#,
    ),
    Landmark::new(
        "check_stock_at_end_of_transaction",
        r#"
create function stock_is_not_negative() returns trigger language plpgsql as $body$
<<outermost>>
declare
    bad record;
begin
    <<each_article>>
    for bad in select article, sum(delta) as total from stock_ledger group by article loop
        continue each_article when bad.total >= 0;
        raise warning 'stock of %; %', bad.article, bad.total;
    end loop each_article;
    return null;
exception
    when others then
        raise warning 'stock; %', sqlerrm;
        return null;
end outermost
$body$;
"#,
        "drop function stock_is_not_negative();\n",
    ),
    Landmark::new(
        "create_settings_editor",
        r#"
CREATE VIEW settings_editor AS SELECT key, value FROM app_settings;

CREATE FUNCTION edit_setting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
        WHEN 'DELETE' THEN
            DELETE FROM app_settings WHERE key = OLD.key;
            RETURN OLD;
        ELSE
            INSERT INTO app_settings (key, value) VALUES (NEW.key, NEW.value)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value;
            RETURN NEW;
    END CASE;
END; $$;

CREATE TRIGGER edit INSTEAD OF INSERT OR UPDATE OR DELETE ON settings_editor
    FOR EACH ROW EXECUTE FUNCTION edit_setting();

INSERT INTO settings_editor VALUES ('edited', 'through; the view');
"#,
        r#"
DELETE FROM settings_editor WHERE key = 'edited';
DROP VIEW settings_editor;
DROP FUNCTION edit_setting();
"#,
    ),
    Landmark::new(
        "create_aggregates",
        r#"
CREATE FUNCTION longest_of(text, text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT CASE WHEN length($1) >= length($2) THEN $1 ELSE $2 END$$;

CREATE AGGREGATE longest(text) (SFUNC = longest_of, STYPE = text, PARALLEL = safe);

CREATE FUNCTION same_ignoring_case(text, text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS 'SELECT lower($1) = lower($2)';

CREATE OPERATOR ~=~* (LEFTARG = text, RIGHTARG = text, FUNCTION = same_ignoring_case, COMMUTATOR = ~=~*);

SELECT longest(key) FROM app_settings WHERE key OPERATOR(public.~=~*) 'MAIL.FOOTER';
"#,
        r#"
DROP OPERATOR ~=~* (text, text);
DROP FUNCTION same_ignoring_case(text, text);
DROP AGGREGATE longest(text);
DROP FUNCTION longest_of(text, text);
"#,
    ),
    Landmark::new(
        "create_overloads",
        r#"
CREATE FUNCTION gross(net numeric, VARIADIC rates numeric[] DEFAULT ARRAY[0.19]) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE rate numeric;
BEGIN
    FOREACH rate IN ARRAY rates LOOP net := net * (1 + rate); END LOOP;
    RETURN round(net, 2);
END $$;

CREATE FUNCTION gross(net integer) RETURNS TABLE (rate numeric, total numeric)
LANGUAGE sql STABLE ROWS 2 SECURITY DEFINER SET search_path = pg_catalog, public
AS $_$ SELECT r, gross($1::numeric, r) FROM unnest(ARRAY[0.07, 0.19]) AS r; $_$;

COMMENT ON FUNCTION gross(integer) IS 'Both rates; "$1" is net';
"#,
        r#"
DROP FUNCTION gross(integer);
DROP FUNCTION gross(numeric, numeric[]);
"#,
    ),
    Landmark::new(
        "watch_stock_ledger",
        r#"
CREATE CONSTRAINT TRIGGER not_negative
    AFTER INSERT OR UPDATE OF delta ON stock_ledger
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION stock_is_not_negative();

CREATE TRIGGER statement_watch AFTER UPDATE ON stock_ledger
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION stock_is_not_negative();

ALTER TABLE stock_ledger DISABLE TRIGGER statement_watch;
"#,
        r#"
DROP TRIGGER statement_watch ON stock_ledger;
DROP TRIGGER not_negative ON stock_ledger;
"#,
    ),
];
