-- Policies.
select
    p.oid,
    p.polrelid,
    p.polname,
    p.polcmd,
    p.polpermissive,
    array(
        select pg_catalog.pg_get_userbyid(r.r)
        from pg_catalog.unnest(p.polroles) r
        where r.r <> 0
    ),
    pg_catalog.pg_get_expr(p.polqual, p.polrelid),
    pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
from pg_catalog.pg_policy p
