-- The tenant of the running transaction, set with
--   select set_config('app.tenant_id', '<uuid>', true);
-- Null when nobody set it. PostgreSQL leaves an empty text behind, not null, once a
-- transaction that set it is over; nullif makes the two the same.
create function get_current_tenant_id() returns uuid
language sql stable parallel safe
as $$
  select nullif(current_setting('app.tenant_id', true), '')::uuid
$$;

create table projects (
  id          uuid        primary key default gen_random_uuid(),
  tenant_id   uuid        not null default get_current_tenant_id() references organizations (id),
  name        text        not null,
  description text        not null default '',
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),

  constraint projects_name_not_blank check (btrim(name) <> ''),
  -- Its index serves the policy and the foreign key too, tenant_id being first.
  constraint projects_name_key unique (tenant_id, name)
);

-- Without a tenant the comparison is null, so nothing is seen and nothing can be written.
alter table projects enable row level security;
-- "Enable" leaves the owner of the table out; "force" takes the owner in.
alter table projects force row level security;

create policy projects_of_tenant on projects
  using (tenant_id = get_current_tenant_id())
  with check (tenant_id = get_current_tenant_id());
