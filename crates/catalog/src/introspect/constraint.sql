-- Constraints of tables and domains.
-- $1: the kinds that are wanted. $2: whether the definitions are wanted.
select
    k.oid,
    k.conrelid as relation,
    k.contypid as domain,
    k.conname as name,
    k.contype as kind,
    k.conkey as columns,
    k.confrelid as referenced,
    k.confkey as referenced_columns,
    k.condeferrable as deferrable,
    k.condeferred as deferred,
    k.convalidated as validated,
    not k.conislocal or k.conparentid <> 0 as inherited,
    case when $2::pg_catalog.bool then pg_catalog.pg_get_constraintdef(k.oid) end as definition
from pg_catalog.pg_constraint k
join pg_catalog.pg_namespace n on n.oid = k.connamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and pg_catalog.strpos($1::pg_catalog.text, k.contype::pg_catalog.text) > 0
    -- A plain NOT NULL is a property of its column.
    and (k.contype <> 'n' or k.conrelid <> 0 and (not k.convalidated or k.connoinherit))
