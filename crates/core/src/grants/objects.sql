-- Everything that a service's role can be given a privilege on: no system's, no extension's.
with
foreign_to_us (classid, objid) as (
    select d.classid, d.objid
    from pg_catalog.pg_depend d
    where d.deptype = 'e'
),
schema_of_ours as (
    select n.oid, n.nspname, n.nspowner
    from pg_catalog.pg_namespace n
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
)
select
    'database' as kind,
    d.oid,
    '' as schema,
    d.datname as name,
    '' as letter,
    '' as identity,
    pg_catalog.pg_get_userbyid(d.datdba) as owner,
    pg_catalog.pg_has_role(d.datdba, 'USAGE') as ours,
    null::pg_catalog.oid as parent,
    null::pg_catalog.json as bases,
    false as flag,
    false as creatable
from pg_catalog.pg_database d
where d.datname = pg_catalog.current_database()
union all
select
    'schema', n.oid, n.nspname, n.nspname, '', '',
    pg_catalog.pg_get_userbyid(n.nspowner),
    pg_catalog.pg_has_role(n.nspowner, 'USAGE'),
    null, null,
    exists (select from pg_catalog.pg_extension e where e.extnamespace = n.oid),
    pg_catalog.has_schema_privilege(n.oid, 'CREATE')
from schema_of_ours n
where not exists (
    select from foreign_to_us f
    where f.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and f.objid = n.oid
)
union all
select
    'relation', c.oid, n.nspname, c.relname, c.relkind::pg_catalog.text, '',
    pg_catalog.pg_get_userbyid(c.relowner),
    pg_catalog.pg_has_role(c.relowner, 'USAGE'),
    case c.relkind
        when 'S' then (
            select d.refobjid
            from pg_catalog.pg_depend d
            where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
              and d.objid = c.oid
              and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
              and d.refobjsubid > 0
              and d.deptype in ('a', 'i')
            limit 1
        )
        else (
            select i.inhparent
            from pg_catalog.pg_inherits i
            where i.inhrelid = c.oid
            order by i.inhseqno
            limit 1
        )
    end,
    case when c.relkind = 'v' then (
        select pg_catalog.json_agg(distinct d.refobjid)
        from pg_catalog.pg_rewrite w
        join pg_catalog.pg_depend d
          on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
        where w.ev_class = c.oid
          and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
          and d.refobjid <> c.oid
    ) end,
    -- Whoever writes to the view writes with the rights of the view's owner: 4, 8 and 16 are
    -- update, insert and delete, with no trigger of the view's counted.
    c.relkind = 'v'
        and pg_catalog.pg_relation_is_updatable(c.oid, false) & 28 <> 0
        and not exists (
            select from pg_catalog.pg_options_to_table(c.reloptions) o
            where o.option_name = 'security_invoker'
              and o.option_value::pg_catalog.bool
        ),
    false
from pg_catalog.pg_class c
join schema_of_ours n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  and c.relpersistence <> 't'
  and not exists (
    select from foreign_to_us f
    where f.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and f.objid = c.oid
)
union all
select
    'routine', p.oid, n.nspname, p.proname, p.prokind::pg_catalog.text,
    (pg_catalog.pg_identify_object(
        'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, 0
    )).identity,
    pg_catalog.pg_get_userbyid(p.proowner),
    pg_catalog.pg_has_role(p.proowner, 'USAGE'),
    null, null, false, false
from pg_catalog.pg_proc p
join schema_of_ours n on n.oid = p.pronamespace
where not exists (
    select from foreign_to_us f
    where f.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and f.objid = p.oid
)
