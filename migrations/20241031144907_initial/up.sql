create table users (
  id           uuid        primary key default gen_random_uuid(),
  email        text        not null,
  display_name text        not null,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),

  constraint users_email_key unique (email),
  -- The unique constraint compares letter by letter: without this, Ada@example.com and
  -- ada@example.com could be two people.
  constraint users_email_lowercase check (email = lower(email)),
  constraint users_display_name_not_blank check (btrim(display_name) <> '')
);
