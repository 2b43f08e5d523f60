-- An organization is a tenant. This table has no row-level security: a service looks an
-- organization up before it knows which tenant it works for.
create table organizations (
  id         uuid        primary key default gen_random_uuid(),
  name       text        not null,
  -- The organization's name in addresses: acme-labs.
  slug       text        not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint organizations_name_not_blank check (btrim(name) <> ''),
  constraint organizations_slug_key unique (slug),
  constraint organizations_slug_form check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
