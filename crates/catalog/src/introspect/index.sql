-- Indexes.
select
    i.indexrelid,
    i.indrelid,
    c.relname,
    i.indkey,
    i.indnkeyatts,
    i.indisunique,
    i.indisprimary,
    k.oid is not null,
    i.indisvalid,
    i.indisclustered,
    i.indisreplident,
    pn.nspname,
    p.relname,
    pg_catalog.pg_get_indexdef(i.indexrelid)
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_constraint k
    on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
left join pg_catalog.pg_inherits h on h.inhrelid = i.indexrelid
left join pg_catalog.pg_class p on p.oid = h.inhparent
left join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
