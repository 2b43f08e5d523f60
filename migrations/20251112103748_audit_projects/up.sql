create table audit_entries (
  id         bigint      generated always as identity primary key,
  -- No foreign keys: an entry outlives the row, and the organization, it tells of.
  tenant_id  uuid        not null,
  table_name text        not null,
  row_id     uuid        not null,
  action     text        not null,
  old_row    jsonb,
  new_row    jsonb,
  -- The role that logged in; current_user would be the owner of the trigger function.
  changed_by text        not null default session_user,
  changed_at timestamptz not null default now(),

  constraint audit_entries_action_known check (action in ('insert', 'update', 'delete'))
);

-- The story of one row, in order.
create index audit_entries_row_idx on audit_entries (tenant_id, table_name, row_id, id);

alter table audit_entries enable row level security;
alter table audit_entries force row level security;

create policy audit_entries_of_tenant on audit_entries
  using (tenant_id = get_current_tenant_id())
  with check (tenant_id = get_current_tenant_id());

-- For any table with "id uuid" and "tenant_id uuid". It runs with the rights of its owner, so
-- that a role which changes projects needs no right to write the audit trail itself. For the
-- same reason the search path is fixed and the table named in full: nothing the caller creates,
-- temporary tables included, can take its place.
create function create_audit_entry() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  old_row jsonb := to_jsonb(old);
  new_row jsonb := to_jsonb(new);
  changed jsonb := coalesce(new_row, old_row);
begin
  insert into public.audit_entries (tenant_id, table_name, row_id, action, old_row, new_row)
  values (
    (changed ->> 'tenant_id')::uuid,
    tg_table_name,
    (changed ->> 'id')::uuid,
    lower(tg_op),
    old_row,
    new_row
  );
  return null; -- ignored after a row has changed
end
$$;

-- Every role may run a new function. Nobody but the owner may hang this one on a table,
-- or entries could be made up.
revoke all on function create_audit_entry() from public;

create trigger projects_audit
  after insert or update or delete on projects
  for each row execute function create_audit_entry();
