-- Policies.
select
    p.oid,
    p.polrelid as relation,
    p.polname as name,
    p.polcmd as command,
    p.polpermissive as permissive,
    array(
        select pg_catalog.pg_get_userbyid(r.r)
        from pg_catalog.unnest(p.polroles) r
        where r.r <> 0
    ) as roles,
    pg_catalog.pg_get_expr(p.polqual, p.polrelid) as using_sql,
    pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as check_sql
from pg_catalog.pg_policy p
