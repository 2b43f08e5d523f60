-- Types, and operators by their functions, each with the schema that it has to be found in. Those of
-- nobody are for everyone who finds them.
select
    n.nspname as found_in,
    'type' as class,
    n.nspname as schema,
    t.typname as name
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_class c on c.oid = t.typrelid
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  -- Not the types that tables, other types and ranges bring along.
  and (c.oid is null or c.relkind = 'c')
  and t.typtype <> 'm'
  and not exists (select from pg_catalog.pg_type e where e.typarray = t.oid)
union all
select n.nspname, 'routine', f.nspname, p.proname
from pg_catalog.pg_operator o
join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
join pg_catalog.pg_proc p on p.oid = o.oprcode
join pg_catalog.pg_namespace f on f.oid = p.pronamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
