-- Columns of tables and views, and attributes of composite types.
select
    a.attrelid as relation,
    a.attnum as number,
    a.attname as name,
    a.atttypid as type,
    a.atttypmod as modifier,
    pg_catalog.format_type(a.atttypid, a.atttypmod) as type_sql,
    a.attnotnull as not_null,
    a.attidentity as identity,
    a.attgenerated as generated,
    -- A default names no other column, so that the table need not be opened for it.
    pg_catalog.pg_get_expr(d.adbin, case when a.attgenerated = '' then 0 else a.attrelid end) as expression,
    cn.nspname as collation_schema,
    co.collname as collation_name,
    case when a.attstorage <> t.typstorage then a.attstorage end as storage,
    a.attcompression as compression, -- before 14: '' as compression,
    case when a.attstattarget <> -1 then a.attstattarget end as statistics_target,
    a.attoptions || a.attfdwoptions as options,
    not a.attislocal as inherited
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
