-- Tables, partitioned tables, foreign tables, views, materialized views.
-- $1: whether the queries of views are wanted.
select
    c.oid,
    n.nspname as schema,
    c.relname as name,
    c.relkind as kind,
    pg_catalog.pg_get_userbyid(c.relowner) as owner,
    c.relrowsecurity as row_security,
    c.relforcerowsecurity as row_security_forced,
    c.relpersistence = 'u' as unlogged,
    case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end as partition_key,
    -- 0, as no partition's bound names a column; with the table it would have to be opened.
    case when c.relispartition then pg_catalog.pg_get_expr(c.relpartbound, 0) end as bound,
    parents.parents,
    c.reloftype as of_type,
    c.reloptions || (
        select pg_catalog.array_agg('toast.' || o.o)
        from pg_catalog.unnest(toast.reloptions) o
    ) as options,
    case when c.relkind in ('r', 'm') and am.amname <> 'heap' then am.amname end as access_method,
    case when c.relkind in ('r', 'p', 'm') then c.relreplident end as replica_identity,
    s.srvname as server,
    f.ftoptions as server_options,
    case
        when $1::pg_catalog.bool and c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid)
    end as query
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
