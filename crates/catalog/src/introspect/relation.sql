-- Tables, partitioned tables, foreign tables, views, materialized views.
-- $1: whether the queries of views are wanted.
select
    c.oid,
    n.nspname,
    c.relname,
    c.relkind,
    pg_catalog.pg_get_userbyid(c.relowner),
    c.relrowsecurity,
    c.relforcerowsecurity,
    c.relpersistence = 'u',
    case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
    -- 0, as no partition's bound names a column; with the table it would have to be opened.
    case when c.relispartition then pg_catalog.pg_get_expr(c.relpartbound, 0) end,
    parents.parents,
    c.reloftype,
    c.reloptions || (
        select pg_catalog.array_agg('toast.' || o.o)
        from pg_catalog.unnest(toast.reloptions) o
    ),
    case when c.relkind in ('r', 'm') and am.amname <> 'heap' then am.amname end,
    case when c.relkind in ('r', 'p', 'm') then c.relreplident end,
    s.srvname,
    f.ftoptions,
    case
        when $1::pg_catalog.bool and c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid)
    end
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join (
    select i.inhrelid, pg_catalog.array_agg(i.inhparent order by i.inhseqno) as parents
    from pg_catalog.pg_inherits i
    group by i.inhrelid
) parents on parents.inhrelid = c.oid
left join pg_catalog.pg_class toast on toast.oid = c.reltoastrelid and toast.reloptions is not null
left join pg_catalog.pg_am am on am.oid = c.relam
left join pg_catalog.pg_foreign_table f on f.ftrelid = c.oid
left join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
where c.relkind in ('r', 'p', 'f', 'v', 'm')
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
