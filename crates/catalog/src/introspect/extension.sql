-- Extensions.
select
    e.oid,
    e.extname as name,
    n.nspname as schema,
    e.extversion as version,
    pg_catalog.pg_get_userbyid(e.extowner) as owner
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
