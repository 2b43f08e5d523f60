create table third_party_integrations (
  id            uuid        primary key default gen_random_uuid(),
  user_id       uuid        not null references users (id) on delete cascade,
  provider      text        not null,
  -- Who the user is to the provider.
  external_id   text        not null,
  scopes        text[]      not null default '{}',
  -- The provider's token, encrypted by the service before it gets here, and the name of the
  -- key that opens it. The key itself is never in this database, so a dump gives nothing away.
  sealed_secret bytea,
  sealed_with   text,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),

  -- One account at a provider belongs to one user.
  constraint third_party_integrations_account_key unique (provider, external_id),
  constraint third_party_integrations_scopes_without_null check (array_position(scopes, null) is null),
  constraint third_party_integrations_secret_has_key check (
    (sealed_secret is null) = (sealed_with is null)
  )
);

create index third_party_integrations_user_id_idx on third_party_integrations (user_id);
