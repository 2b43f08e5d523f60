-- ALTER DEFAULT PRIVILEGES, as differences from what PostgreSQL would do without. Those of one
-- schema only add to the others.
with lists as (
    select
        d.oid,
        d.defaclacl as acl,
        case
            when d.defaclnamespace <> 0 then null
            else pg_catalog.acldefault(
                case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end,
                d.defaclrole
            )
        end as base
    from pg_catalog.pg_default_acl d
),
has as (
    select l.oid, a.grantee, a.privilege_type, pg_catalog.bool_or(a.is_grantable) as grantable
    from lists l, pg_catalog.aclexplode(l.acl) a
    group by l.oid, a.grantee, a.privilege_type
),
base as (
    select l.oid, a.grantee, a.privilege_type
    from lists l, pg_catalog.aclexplode(l.base) a
),
differences as (
    select oid, grantee, privilege_type, has.grantable
    from has
    full join (select *, true as present from base) base using (oid, grantee, privilege_type)
    where has.grantable is null or has.grantable or base.present is null
)
select
    pg_catalog.pg_get_userbyid(d.defaclrole) as creator,
    n.nspname as schema,
    case d.defaclobjtype
        when 'r' then 'TABLES'
        when 'S' then 'SEQUENCES'
        when 'f' then 'FUNCTIONS'
        when 'T' then 'TYPES'
        when 'n' then 'SCHEMAS'
        when 'L' then 'LARGE OBJECTS'
        else d.defaclobjtype::pg_catalog.text
    end as objects,
    case when g.grantee <> 0 then pg_catalog.pg_get_userbyid(g.grantee) end as role,
    g.privilege_type as privilege,
    case when g.grantable then 'option' when g.grantable is null then 'revoked' else 'granted' end as change
from pg_catalog.pg_default_acl d
join differences g on g.oid = d.oid
left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
