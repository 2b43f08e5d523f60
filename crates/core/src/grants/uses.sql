-- What a relation's expressions call: whoever uses the relation needs the right to call it too.
-- Those of views and policies are run by a reader already, all others by a writer.
with
expression (relation, classid, objid, reading) as (
    select p.polrelid, 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, true
    from pg_catalog.pg_policy p
    union all
    select w.ev_class, 'pg_catalog.pg_rewrite'::pg_catalog.regclass, w.oid, true
    from pg_catalog.pg_rewrite w
    union all
    select f.adrelid, 'pg_catalog.pg_attrdef'::pg_catalog.regclass, f.oid, a.attgenerated = 'v'
    from pg_catalog.pg_attrdef f
    join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
    union all
    select k.conrelid, 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, false
    from pg_catalog.pg_constraint k
    where k.conrelid <> 0
    union all
    select a.attrelid, 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, false
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_attribute a on a.atttypid = k.contypid
    where k.contypid <> 0
    union all
    select i.indrelid, 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, false
    from pg_catalog.pg_index i
    union all
    select t.partrelid, 'pg_catalog.pg_class'::pg_catalog.regclass, t.partrelid, false
    from pg_catalog.pg_partitioned_table t
    union all
    select t.tgrelid, 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, false
    from pg_catalog.pg_trigger t
    where not t.tgisinternal
)
select distinct
    e.relation,
    case d.refclassid
        when 'pg_catalog.pg_proc'::pg_catalog.regclass then 'routine'
        else 'relation'
    end as kind,
    d.refobjid as object,
    e.reading
from expression e
join pg_catalog.pg_depend d on d.classid = e.classid and d.objid = e.objid
left join pg_catalog.pg_trigger own
  on own.oid = e.objid and e.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
left join pg_catalog.pg_class c
  on c.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
-- A trigger's own function is called by PostgreSQL, whoever may call it; its `WHEN` is not.
where d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    and d.refobjid is distinct from own.tgfoid
   or c.relkind = 'S'
union all
select distinct a.attrelid, 'schema', t.typnamespace, true
from pg_catalog.pg_attribute a
join pg_catalog.pg_type t on t.oid = a.atttypid
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where a.attnum > 0
  and not a.attisdropped
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
