-- Indexes.
select
    i.indexrelid as oid,
    i.indrelid as relation,
    c.relname as name,
    i.indkey as columns,
    i.indnkeyatts as keys,
    i.indisunique as unique,
    i.indisprimary as primary,
    k.oid is not null as of_constraint,
    i.indisvalid as valid,
    i.indisclustered as clustered,
    i.indisreplident as replica_identity,
    pn.nspname as parent_schema,
    p.relname as parent_name,
    pg_catalog.pg_get_indexdef(i.indexrelid) as definition
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_constraint k
    on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
left join pg_catalog.pg_inherits h on h.inhrelid = i.indexrelid
left join pg_catalog.pg_class p on p.oid = h.inhparent
left join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
