-- Sequences.
select
    s.seqrelid,
    n.nspname,
    c.relname,
    pg_catalog.pg_get_userbyid(c.relowner),
    pg_catalog.format_type(s.seqtypid, null),
    s.seqstart,
    s.seqincrement,
    s.seqmin,
    s.seqmax,
    s.seqcache,
    s.seqcycle,
    c.relpersistence = 'u',
    d.refobjid,
    d.refobjsubid,
    d.deptype = 'i'
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_depend d
    on d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and d.objid = s.seqrelid
    and d.objsubid = 0
    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and d.refobjsubid > 0
    and d.deptype in ('a', 'i')
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
