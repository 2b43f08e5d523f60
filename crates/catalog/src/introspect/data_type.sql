-- All types: PostgreSQL's own too, as columns are of them. The row types of tables are left out
-- unless something is of them: there is one, and an array of it, for every table.
select
    t.oid,
    n.nspname as schema,
    t.typname as name,
    t.typtype as kind,
    e.oid as element,
    t.typbasetype as base,
    case when t.typtype = 'd' then t.typtypmod end as modifier,
    case when t.typtype = 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod) end as base_sql,
    t.typnotnull as not_null,
    coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 0), t.typdefault) as default_sql,
    case when t.typtype = 'd' and t.typcollation <> b.typcollation then cn.nspname end as collation_schema,
    case when t.typtype = 'd' and t.typcollation <> b.typcollation then co.collname end as collation_name,
    pg_catalog.pg_get_userbyid(t.typowner) as owner,
    t.typrelid as attributes_in,
    -- Whether it is listed by itself: arrays and multiranges come with another type, row types
    -- with a table.
    n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and e.oid is null and t.typtype not in ('m', 'p')
        and (t.typrelid = 0 or c.relkind = 'c') and t.typisdefined as listed,
    labels.labels,
    r.rngsubtype as subtype,
    pg_catalog.format_type(r.rngsubtype, null) as subtype_sql,
    mn.nspname as multirange_schema,
    m.typname as multirange_name,
    case
        when r.rngsubtype is not null then pg_catalog.array_remove(array[
            'subtype_opclass = ' || (
                select pg_catalog.format('%I.%I', ocn.nspname, oc.opcname)
                from pg_catalog.pg_opclass oc
                join pg_catalog.pg_namespace ocn on ocn.oid = oc.opcnamespace
                where oc.oid = r.rngsubopc and not oc.opcdefault
            ),
            'collation = ' || (
                select pg_catalog.format('%I.%I', rcn.nspname, rc.collname)
                from pg_catalog.pg_collation rc
                join pg_catalog.pg_namespace rcn on rcn.oid = rc.collnamespace
                join pg_catalog.pg_type st on st.oid = r.rngsubtype
                where rc.oid = r.rngcollation and rc.oid <> st.typcollation
            ),
            'canonical = ' || case when r.rngcanonical <> 0 then r.rngcanonical::pg_catalog.text end,
            'subtype_diff = ' || case when r.rngsubdiff <> 0 then r.rngsubdiff::pg_catalog.text end
        ], null)
    end as options
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_type e on e.typarray = t.oid
left join pg_catalog.pg_class c
    on c.oid = case when t.typrelid <> 0 then t.typrelid else e.typrelid end
left join pg_catalog.pg_type b on b.oid = t.typbasetype
left join pg_catalog.pg_collation co on co.oid = t.typcollation
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
left join (
    select l.enumtypid, pg_catalog.array_agg(l.enumlabel order by l.enumsortorder) as labels
    from pg_catalog.pg_enum l
    group by l.enumtypid
) labels on labels.enumtypid = t.oid
left join pg_catalog.pg_range r on r.rngtypid = t.oid
left join pg_catalog.pg_type m on m.oid = r.rngmultitypid -- before 14: left join pg_catalog.pg_type m on false
left join pg_catalog.pg_namespace mn on mn.oid = m.typnamespace
where c.oid is null
    or c.relkind = 'c'
    or t.oid in (select a.atttypid from pg_catalog.pg_attribute a where a.attnum > 0)
    or t.oid in (select d.typbasetype from pg_catalog.pg_type d where d.typtype = 'd')
    -- The element of an array that something is of.
    or t.typarray in (select a.atttypid from pg_catalog.pg_attribute a where a.attnum > 0)
    or t.oid in (select y.reloftype from pg_catalog.pg_class y)
