-- Privileges, as differences from what the owner's object would have without any GRANT or REVOKE.
with lists as (
    select
        c.tableoid as class,
        c.oid as object,
        0 as part,
        c.relacl as acl,
        pg_catalog.acldefault(
            case c.relkind when 'S' then 's' else 'r' end::pg_catalog."char",
            c.relowner
        ) as base
    from pg_catalog.pg_class c
    where c.relacl is not null
    union all
    select 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum, a.attacl, null
    from pg_catalog.pg_attribute a
    where a.attacl is not null and not a.attisdropped
    union all
    select n.tableoid, n.oid, 0, n.nspacl, pg_catalog.acldefault('n', n.nspowner)
    from pg_catalog.pg_namespace n
    where n.nspacl is not null
    union all
    select t.tableoid, t.oid, 0, t.typacl, pg_catalog.acldefault('T', t.typowner)
    from pg_catalog.pg_type t
    where t.typacl is not null
    union all
    select p.tableoid, p.oid, 0, p.proacl, pg_catalog.acldefault('f', p.proowner)
    from pg_catalog.pg_proc p
    where p.proacl is not null
    union all
    select l.tableoid, l.oid, 0, l.lanacl, pg_catalog.acldefault('l', l.lanowner)
    from pg_catalog.pg_language l
    where l.lanacl is not null
    union all
    select w.tableoid, w.oid, 0, w.fdwacl, pg_catalog.acldefault('F', w.fdwowner)
    from pg_catalog.pg_foreign_data_wrapper w
    where w.fdwacl is not null
    union all
    select s.tableoid, s.oid, 0, s.srvacl, pg_catalog.acldefault('S', s.srvowner)
    from pg_catalog.pg_foreign_server s
    where s.srvacl is not null
),
has as (
    select
        l.class, l.object, l.part, a.grantee, a.privilege_type,
        pg_catalog.bool_or(a.is_grantable) as grantable
    from lists l, pg_catalog.aclexplode(l.acl) a
    group by l.class, l.object, l.part, a.grantee, a.privilege_type
),
base as (
    select l.class, l.object, l.part, a.grantee, a.privilege_type
    from lists l, pg_catalog.aclexplode(l.base) a
)
select
    class,
    object,
    part,
    case when grantee <> 0 then pg_catalog.pg_get_userbyid(grantee) end as role,
    privilege_type as privilege,
    case when has.grantable then 'option' when has.grantable is null then 'revoked' else 'granted' end as change
from has
full join (select *, true as present from base) base
    using (class, object, part, grantee, privilege_type)
where has.grantable is null or has.grantable or base.present is null
