-- Extensions.
select
    e.oid,
    e.extname,
    n.nspname,
    e.extversion,
    pg_catalog.pg_get_userbyid(e.extowner)
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
