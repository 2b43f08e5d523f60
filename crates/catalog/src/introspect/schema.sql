-- Schemas.
select
    n.oid,
    n.nspname,
    pg_catalog.pg_get_userbyid(n.nspowner)
from pg_catalog.pg_namespace n
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
