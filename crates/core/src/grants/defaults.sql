-- The privileges on objects of tomorrow that some roles and PUBLIC will hold.
-- $1: the numbers of the roles, as a JSON array.
select
    pg_catalog.pg_get_userbyid(d.defaclrole) as creator,
    pg_catalog.pg_has_role(d.defaclrole, 'USAGE') as ours,
    n.nspname as schema,
    d.defaclobjtype as letter,
    case when a.grantee <> 0 then pg_catalog.pg_get_userbyid(a.grantee) end as role,
    a.privilege_type as privilege,
    a.is_grantable as grantable
from pg_catalog.pg_default_acl d
left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace,
pg_catalog.aclexplode(d.defaclacl) a
where a.grantee = 0
   or a.grantee in (
    select pg_catalog.json_array_elements_text($1::pg_catalog.json)::pg_catalog.oid
)
