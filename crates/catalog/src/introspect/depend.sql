-- What depends on what, by number: what needs, what it needs, and the letter of `pg_depend` for how.
--
-- What PostgreSQL brings along itself needs nothing of others, but may belong to an extension that
-- others need.
select
    d.classid as class,
    d.objid as object,
    d.objsubid as part,
    d.refclassid as needed_class,
    d.refobjid as needed_object,
    d.refobjsubid as needed_part,
    d.deptype as sort
from pg_catalog.pg_depend d
where d.objid >= 16384 or d.deptype = 'e'
union all
-- `pg_depend` does not have what a child is given by a parent, which goes with the parent's all the
-- same. It has the indexes and keys of partitions, and calls them P.
select
    'pg_catalog.pg_class'::pg_catalog.regclass, child.attrelid, child.attnum,
    'pg_catalog.pg_class'::pg_catalog.regclass, parent.attrelid, parent.attnum,
    'P'
from pg_catalog.pg_inherits i
join pg_catalog.pg_attribute child
    on child.attrelid = i.inhrelid
    and not child.attislocal
    and not child.attisdropped
join pg_catalog.pg_attribute parent
    on parent.attrelid = i.inhparent
    and parent.attname = child.attname
    and not parent.attisdropped
union all
select child.tableoid, child.oid, 0, parent.tableoid, parent.oid, 0, 'P'
from pg_catalog.pg_inherits i
join pg_catalog.pg_constraint child on child.conrelid = i.inhrelid and not child.conislocal
join pg_catalog.pg_constraint parent
    on parent.conrelid = i.inhparent
    and parent.conname = child.conname
    and parent.contype = child.contype
where child.contype in ('c', 'n')
