//! Migrations of data.

use super::landmark::Landmark;

/// The table of settings, before everything that writes into it.
pub(super) const SETTINGS: &[Landmark] = &[Landmark::new(
    "create_app_settings",
    r#"
CREATE TABLE app_settings (
    key text PRIMARY KEY,
    value text NOT NULL,
    note text
);

INSERT INTO app_settings (key, value, note) VALUES
    ('mail.footer', 'Kind regards;
the team', NULL),
    ('csv.separator', ';', 'not ","'),
    ('sql.motd', 'SELECT 1; -- not run', '/* "really" */');
"#,
    "DROP TABLE app_settings;\n",
)];

pub(super) const LANDMARKS: &[Landmark] = &[
    Landmark::new(
        "create_exchange_rates",
        r#"
CREATE TABLE exchange_rates (
    currency char(3) NOT NULL,
    valid_from date NOT NULL,
    rate numeric(18,8) NOT NULL CHECK (rate > 0),
    PRIMARY KEY (currency, valid_from)
);

INSERT INTO exchange_rates
SELECT currency, date '2018-01-01' + month * interval '1 month', 1 + ascii(currency) / 1000.0
FROM unnest(ARRAY['CHF', 'GBP', 'USD']) AS currency,
     generate_series(0, 11) AS month;
"#,
        "DROP TABLE exchange_rates;\n",
    ),
    Landmark::new(
        "correct_exchange_rates",
        r#"
WITH wrong AS (
    SELECT currency, valid_from FROM exchange_rates WHERE currency = 'GBP'
)
UPDATE exchange_rates AS r
SET rate = r.rate + 0.5
FROM wrong
WHERE (r.currency, r.valid_from) = (wrong.currency, wrong.valid_from);

INSERT INTO exchange_rates VALUES ('EUR', '2018-01-01', 1)
ON CONFLICT ON CONSTRAINT exchange_rates_pkey DO NOTHING;
"#,
        r#"
DELETE FROM exchange_rates WHERE currency = 'EUR';
UPDATE exchange_rates SET rate = rate - 0.5 WHERE currency = 'GBP';
"#,
    ),
    Landmark::new(
        "backfill_settings_in_batches",
        r#"
DO LANGUAGE plpgsql $$
DECLARE
    setting record;
    done integer := 0;
BEGIN
    FOR setting IN SELECT key FROM app_settings WHERE note IS NULL ORDER BY key LOOP
        UPDATE app_settings SET note = 'backfilled; batch ' || done / 100 WHERE key = setting.key;
        done := done + 1;
    END LOOP;
    RAISE NOTICE 'backfilled % notes;', done;
END $$;
"#,
        "UPDATE app_settings SET note = NULL WHERE note LIKE 'backfilled;%';\n",
    ),
    Landmark::new(
        "split_person_names",
        r#"
CREATE TABLE persons (
    id integer PRIMARY KEY,
    full_name text NOT NULL,
    first_name text,
    last_name text
);

INSERT INTO persons (id, full_name) VALUES (1, 'Ada Lovelace'), (2, 'Conan O''Brien; Jr.');

UPDATE persons
SET (first_name, last_name) =
    (split_part(full_name, ' ', 1), regexp_replace(full_name, E'^\\S+\\s+', ''));

ALTER TABLE persons
    ALTER COLUMN first_name SET NOT NULL,
    ALTER COLUMN last_name SET NOT NULL;
"#,
        "DROP TABLE persons;\n",
    ),
];
