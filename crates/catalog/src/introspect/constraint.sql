-- Constraints of tables and domains.
-- $1: the kinds that are wanted. $2: whether the definitions are wanted.
select
    k.oid,
    k.conrelid,
    k.contypid,
    k.conname,
    k.contype,
    k.conkey,
    k.confrelid,
    k.confkey,
    k.condeferrable,
    k.condeferred,
    k.convalidated,
    not k.conislocal or k.conparentid <> 0,
    case when $2::pg_catalog.bool then pg_catalog.pg_get_constraintdef(k.oid) end
from pg_catalog.pg_constraint k
join pg_catalog.pg_namespace n on n.oid = k.connamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and pg_catalog.strpos($1::pg_catalog.text, k.contype::pg_catalog.text) > 0
    -- A plain NOT NULL is a property of its column.
    and (k.contype <> 'n' or k.conrelid <> 0 and (not k.convalidated or k.connoinherit))
