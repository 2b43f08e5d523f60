-- Who was given the right to write to a relation, and is neither its owner nor a service's role. A
-- superuser needs no such right.
-- $1: the services' roles, as a JSON array of names.
with item (relation, owner, grantee, privilege) as (
    select c.oid, c.relowner, a.grantee, a.privilege_type
    from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
    union all
    select c.oid, c.relowner, a.grantee, a.privilege_type
    from pg_catalog.pg_attribute t
    join pg_catalog.pg_class c on c.oid = t.attrelid,
    pg_catalog.aclexplode(t.attacl) a
    where t.attacl is not null and not t.attisdropped
)
select distinct r.rolname as role, i.relation
from item i
join pg_catalog.pg_roles r on r.oid = i.grantee
where i.privilege in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
  and i.grantee <> i.owner
  and r.rolcanlogin
  and not r.rolsuper
  and r.rolname::pg_catalog.text not in (
    select pg_catalog.json_array_elements_text($1::pg_catalog.json)
)
order by 1
