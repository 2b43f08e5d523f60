-- What every object that a catalog lists is called, and where it is in the server's catalogs.
select
    n.tableoid as class,
    n.oid as object,
    0 as part,
    null as sort,
    null as schema,
    null as whole,
    n.nspname::pg_catalog.text as name,
    null as arguments
from pg_catalog.pg_namespace n
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select e.tableoid, e.oid, 0, null, null, null, e.extname, null
from pg_catalog.pg_extension e
union all
select t.tableoid, t.oid, 0, t.typtype::pg_catalog.text, n.nspname, null, t.typname, null
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_type e on e.typarray = t.oid
left join pg_catalog.pg_class c on c.oid = t.typrelid
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and e.oid is null and t.typtype not in ('m', 'p')
    and (t.typrelid = 0 or c.relkind = 'c') and t.typisdefined
union all
select c.tableoid, c.oid, 0, c.relkind::pg_catalog.text, n.nspname, null, c.relname, null
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
-- Attributes of row types, too: such a type and the relation that has its attributes share a name.
select c.tableoid, c.oid, a.attnum, null, n.nspname, c.relname, a.attname, null
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where a.attnum > 0
    and not a.attisdropped
    and c.relkind in ('r', 'p', 'f', 'v', 'm', 'c')
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select k.tableoid, k.oid, 0, null, n.nspname, coalesce(c.relname, t.typname), k.conname, null
from pg_catalog.pg_constraint k
join pg_catalog.pg_namespace n on n.oid = k.connamespace
left join pg_catalog.pg_class c on c.oid = k.conrelid
left join pg_catalog.pg_type t on t.oid = k.contypid
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and (
        k.contype in ('p', 'u', 'c', 'x', 'f')
        or k.contype = 'n' and k.conrelid <> 0 and (not k.convalidated or k.connoinherit)
    )
union all
select i.tableoid, i.oid, 0, i.relkind::pg_catalog.text, n.nspname, c.relname, i.relname, null
from pg_catalog.pg_index x
join pg_catalog.pg_class i on i.oid = x.indexrelid
join pg_catalog.pg_class c on c.oid = x.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
-- The same triggers as in trigger.sql.
select t.tableoid, t.oid, 0, null, n.nspname, c.relname, t.tgname, null
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_constraint k on k.oid = t.tgconstraint
left join pg_catalog.pg_trigger parent on parent.oid = t.tgparentid
where (k.oid is null or k.contype = 't')
    and (t.tgparentid = 0 or t.tgenabled <> parent.tgenabled)
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select r.tableoid, r.oid, 0, null, n.nspname, c.relname, r.rulename, null
from pg_catalog.pg_rewrite r
join pg_catalog.pg_class c on c.oid = r.ev_class
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where r.rulename <> '_RETURN'
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select p.tableoid, p.oid, 0, null, n.nspname, c.relname, p.polname, null
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select s.tableoid, s.oid, 0, null, n.nspname, null, s.stxname, null
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select e.tableoid, e.oid, 0, null, null, null, e.evtname, null
from pg_catalog.pg_event_trigger e
union all
-- The constructors of ranges come with the range.
select p.tableoid, p.oid, 0, null, n.nspname, null, p.proname,
    pg_catalog.pg_get_function_identity_arguments(p.oid)
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
            and d.objid = p.oid
            and d.deptype = 'i'
    )
union all
-- The other kinds, as in other.sql; what is in no dependency need not be named.
select o.class, o.object, 0, null, null, i.type, i.identity, null
from (
    select e.class, e.object
    from (
        select d.classid, d.objid, d.deptype = 'i'
        from pg_catalog.pg_depend d
        union all
        select d.refclassid, d.refobjid, false
        from pg_catalog.pg_depend d
    ) e (class, object, internal)
    where e.object >= 16384
        and e.class in (
            'pg_catalog.pg_am'::pg_catalog.regclass,
            'pg_catalog.pg_cast'::pg_catalog.regclass,
            'pg_catalog.pg_collation'::pg_catalog.regclass,
            'pg_catalog.pg_conversion'::pg_catalog.regclass,
            'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass,
            'pg_catalog.pg_foreign_server'::pg_catalog.regclass,
            'pg_catalog.pg_language'::pg_catalog.regclass,
            'pg_catalog.pg_opclass'::pg_catalog.regclass,
            'pg_catalog.pg_operator'::pg_catalog.regclass,
            'pg_catalog.pg_opfamily'::pg_catalog.regclass,
            'pg_catalog.pg_publication'::pg_catalog.regclass,
            'pg_catalog.pg_transform'::pg_catalog.regclass,
            'pg_catalog.pg_ts_config'::pg_catalog.regclass,
            'pg_catalog.pg_ts_dict'::pg_catalog.regclass,
            'pg_catalog.pg_ts_parser'::pg_catalog.regclass,
            'pg_catalog.pg_ts_template'::pg_catalog.regclass
        )
    group by e.class, e.object
    -- What depends internally comes with its object.
    having not pg_catalog.bool_or(e.internal)
) o
cross join lateral pg_catalog.pg_identify_object(o.class, o.object, 0) i
union all
select g.tableoid, g.oid, 0, null, n.nspname, pg_catalog.pg_get_userbyid(g.defaclrole),
    case g.defaclobjtype
        when 'r' then 'TABLES'
        when 'S' then 'SEQUENCES'
        when 'f' then 'FUNCTIONS'
        when 'T' then 'TYPES'
        else g.defaclobjtype::pg_catalog.text
    end, null
from pg_catalog.pg_default_acl g
join pg_catalog.pg_namespace n on n.oid = g.defaclnamespace
