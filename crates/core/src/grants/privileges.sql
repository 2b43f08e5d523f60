-- The privileges that some roles and PUBLIC hold.
-- $1: the numbers of the roles, as a JSON array.
with
grantee (oid) as (
    select 0::pg_catalog.oid
    union all
    select pg_catalog.json_array_elements_text($1::pg_catalog.json)::pg_catalog.oid
),
item as (
    select 'relation' as class, c.oid as object, null::pg_catalog.name as attribute, a.*
    from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
    union all
    select 'relation', t.attrelid, t.attname, a.*
    from pg_catalog.pg_attribute t, pg_catalog.aclexplode(t.attacl) a
    where t.attacl is not null and not t.attisdropped
    union all
    select 'schema', n.oid, null, a.*
    from pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a
    union all
    select 'routine', p.oid, null, a.*
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace,
    -- Without a list the rights are those that PostgreSQL begins with: everyone may execute.
    pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    union all
    select 'database', d.oid, null, a.*
    from pg_catalog.pg_database d,
    pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
    where d.datname = pg_catalog.current_database()
)
select
    i.class as kind,
    i.object,
    i.attribute as column,
    case when i.grantee <> 0 then pg_catalog.pg_get_userbyid(i.grantee) end as role,
    pg_catalog.pg_get_userbyid(i.grantor) as grantor,
    -- Since 16 a member may be one that cannot act as the role.
    pg_catalog.pg_has_role(i.grantor, case
        when pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000
        then 'SET' else 'MEMBER'
    end) as grantor_ours,
    i.privilege_type as privilege,
    i.is_grantable as grantable
from item i
where i.grantee in (select oid from grantee)
