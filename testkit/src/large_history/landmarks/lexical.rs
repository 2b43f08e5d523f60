//! Everything a tool that splits SQL by hand gets wrong.

use super::landmark::Landmark;

pub(super) const LANDMARKS: &[Landmark] = &[
    Landmark::new(
        "create_price_tags",
        r#"
/* Written in a hurry; /* nested, /* twice; */ as PostgreSQL allows */ still a comment; */
CREATE TABLE price_tags ( -- "one" 'tag' $$ per; product
    id serial PRIMARY KEY,
    tag text NOT NULL DEFAULT '/* not; a comment */',
    arrow text NOT NULL DEFAULT '-- nor; this',
    price numeric(12,2) CHECK (price - -1 > 0) -- minus minus one
);
/* down below; -- a line comment in a block comment does not hide its end */
INSERT INTO price_tags (tag, price) VALUES ('it''s; "half"', 1*/* times */2);
-- the last line is a comment; and has no newline"#,
        r#"
/**/DROP TABLE price_tags/* the end; */;--"#,
    ),
    Landmark::new(
        "create_escapes",
        r#"
CREATE TABLE escapes (
    id integer PRIMARY KEY,
    sample text NOT NULL
);

INSERT INTO escapes (id, sample) VALUES
    (1, 'C:\temp\'),                          -- a backslash is a backslash;
    (2, E'it\'s; \\ \x41 \u00e9 \n'),
    (3, U&'d\0061t\+000061; \\'),
    (4, U&'d!0061t!!;' UESCAPE '!'),
    (5, 'continued; '
        'on the next line'),
    (6, e'\'; DROP TABLE escapes; --'),
    (7, $$dollars; 'quotes' and \ $$),
    (8, $tag$ $$; $other$ $tag $tag$),
    (9, $größe$ a tag; in Unicode $größe$),
    (10, B'1010'::text || X'1F'::text || '; '),
    (11, N'national; text'::text);
"#,
        "DROP TABLE escapes;\n",
    ),
    Landmark::new(
        "create_mixed_case_tables",
        r#"
CREATE TABLE "OrderImports" (
    "Id" integer PRIMARY KEY,
    "Order No." text NOT NULL,
    "select" boolean NOT NULL DEFAULT false,
    "semi;colon" text,
    "quo""te" text,
    "größe_in_cm" numeric(6,2),
    "注文日" date,
    U&"\0434\0430\0442\0430" timestamptz,
    tax$rate$ numeric(5,4) -- a dollar inside a name quotes nothing; $$
);

CREATE INDEX "OrderImports by ""No."";" ON "OrderImports" ("Order No.", lower("quo""te"));

COMMENT ON COLUMN "OrderImports"."semi;colon" IS 'Don''t ask; “legacy”';
COMMENT ON TABLE "OrderImports" IS U&'From the Excel sheet; \2211 of all branches';

CREATE TABLE größen (
    größe integer PRIMARY KEY,
    "Größe" text
);
"#,
        r#"
DROP TABLE größen;
DROP TABLE "OrderImports";
"#,
    ),
    Landmark::new(
        "create_greetings",
        r#"
-- Приветствия; 挨拶; χαιρετισμοί; ترحيب; 🎉 — положение ошибки считается в знаках, а не в байтах
CREATE TABLE greetings (
    language text PRIMARY KEY,
    greeting text NOT NULL
);

INSERT INTO greetings (language, greeting) VALUES
    ('Deutsch', 'Grüß Gott; schön, daß Sie da sind'),
    ('Ελληνικά', 'Καλημέρα; τι κάνετε;'),
    ('Русский', 'Здравствуйте; «заходите»'),
    ('Українська', 'Ласкаво просимо; їжа — ґатунок'),
    ('עברית', 'שלום; ברוכים הבאים'),
    ('العربية', 'أهلاً وسهلاً؛ مرحبا'),
    ('हिन्दी', 'नमस्ते; स्वागत है'),
    ('ไทย', 'สวัสดี; ยินดีต้อนรับ'),
    ('中文', '您好；欢迎'),
    ('日本語', 'いらっしゃいませ；「どうぞ」'),
    ('한국어', '안녕하세요; 환영합니다'),
    ('emoji', '👩‍👩‍👧‍👦🏳️‍🌈 e' || U&'\0301' || '; 𝔘𝔫𝔦𝔠𝔬𝔡𝔢');

COMMENT ON TABLE greetings IS 'Begrüßungen; 挨拶 — it''s for the “welcome” page 🎉';
"#,
        "DROP TABLE greetings; -- до свидания; さようなら",
    ),
    Landmark::new(
        "create_fax_numbers",
        r#"
-- Saved on Windows.
CREATE TABLE fax_numbers (
    id serial PRIMARY KEY,
    number text NOT NULL,
    note text DEFAULT 'line one;
line two'
);

CREATE FUNCTION dial(number text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    -- wait for the tone;
    RETURN '0,' || number;
END;
$$;
"#,
        r#"
DROP FUNCTION dial(text);
DROP TABLE fax_numbers;
"#,
    )
    .with_crlf(),
    Landmark::new(
        "drop_fax_numbers",
        r#"
-- Nobody sends us a fax any more.
drop function dial(text);
drop table fax_numbers;
"#,
        r#"
create table fax_numbers (
    id serial primary key,
    number text not null,
    note text default E'line one;\r\nline two'
);

create function dial(number text) returns text
language plpgsql as E'\r\nBEGIN\r\n    -- wait for the tone;\r\n    RETURN ''0,'' || number;\r\nEND;\r\n';
"#,
    ),
];
