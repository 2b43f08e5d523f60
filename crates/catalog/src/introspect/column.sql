-- Columns of tables and views, and attributes of composite types.
select
    a.attrelid,
    a.attnum,
    a.attname,
    a.atttypid,
    a.atttypmod,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    a.attnotnull,
    a.attidentity,
    a.attgenerated,
    -- A default names no other column, so that the table need not be opened for it.
    pg_catalog.pg_get_expr(d.adbin, case when a.attgenerated = '' then 0 else a.attrelid end),
    cn.nspname,
    co.collname,
    case when a.attstorage <> t.typstorage then a.attstorage end,
    a.attcompression, -- before 14: '',
    case when a.attstattarget <> -1 then a.attstattarget end,
    a.attoptions || a.attfdwoptions,
    not a.attislocal
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_attrdef d
    on d.adrelid = a.attrelid and d.adnum = a.attnum and a.atthasdef
left join pg_catalog.pg_collation co
    on co.oid = a.attcollation and a.attcollation <> t.typcollation
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
where a.attnum > 0
    and not a.attisdropped
    and c.relkind in ('r', 'p', 'f', 'v', 'm', 'c')
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by a.attrelid, a.attnum
