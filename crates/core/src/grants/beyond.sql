-- Rights of some roles that lead beyond the tables: settings of the server, other servers, and
-- PostgreSQL's own functions that not everyone may call, such as those that read files.
-- $1: the numbers of the roles, as a JSON array.
with
grantee (oid) as (
    select pg_catalog.json_array_elements_text($1::pg_catalog.json)::pg_catalog.oid
),
item (kind, name, owner, grantee, grantor, privilege) as (
    select 'fdw', pg_catalog.quote_ident(w.fdwname), w.fdwowner, a.grantee, a.grantor, a.privilege_type
    from pg_catalog.pg_foreign_data_wrapper w, pg_catalog.aclexplode(w.fdwacl) a
    union all
    select 'server', pg_catalog.quote_ident(s.srvname), s.srvowner, a.grantee, a.grantor, a.privilege_type
    from pg_catalog.pg_foreign_server s, pg_catalog.aclexplode(s.srvacl) a
    union all
    select
        'routine',
        (pg_catalog.pg_identify_object('pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, 0)).identity,
        p.proowner, a.grantee, a.grantor, a.privilege_type
    from pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
    where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
    {parameters}
)
select
    i.kind,
    i.name,
    pg_catalog.pg_get_userbyid(i.owner) as owner,
    pg_catalog.pg_get_userbyid(i.grantee) as role,
    pg_catalog.pg_get_userbyid(i.grantor) as grantor,
    pg_catalog.pg_has_role(i.grantor, 'USAGE') as grantor_ours,
    i.privilege
from item i
where i.grantee in (select oid from grantee) and i.grantee <> i.owner
order by 1, 2, 4, 7
