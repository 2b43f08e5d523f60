with recursive
before_row as materialized (
    select * from jsonb_to_recordset(before) as b
           (catalog text, object oid, part int, relation oid, name text, parent oid, facts jsonb)
),
after_row as materialized (
    select * from jsonb_to_recordset(after) as a
           (catalog text, object oid, part int, relation oid, name text, parent oid, facts jsonb)
),
-- A constraint that was made anew is the same: when the type of a column changes, so are the
-- foreign keys of others to it.
anew as materialized (
    select a.object, b.object as was
      from before_row b join after_row a using (catalog, relation, name)
     where catalog = 'pg_constraint' and a.object <> b.object
),
both_states as materialized (
    select catalog, object, part,
           coalesce(b.relation, a.relation) as relation,
           b.name as name_before, a.name as name_after,
           coalesce(b.parent, a.parent) as parent, b.parent as parent_before,
           -- Where in its text an expression stood is no part of its meaning.
           regexp_replace(b.facts::text, ':(stmt_)?(location|len) -?[0-9]+', '', 'g')::jsonb as b,
           regexp_replace(a.facts::text, ':(stmt_)?(location|len) -?[0-9]+', '', 'g')::jsonb as a
      from before_row b
      full join (
        select r.catalog, coalesce(w.was, r.object) as object, r.part, r.relation, r.name, r.parent, r.facts
          from after_row r
          left join anew w on w.object = r.object
               and (r.catalog = 'pg_constraint'
                    or r.catalog = 'pg_description' and r.facts ->> 'classoid' = 'pg_constraint'::regclass::oid::text)
      ) a using (catalog, object, part)
     where b.facts is distinct from a.facts
),
-- What was not there before is nobody's yet.
fresh as materialized (
    select case catalog when 'pg_class' then case a ->> 'relkind' when 'c' then 'type' else 'relation' end
             when 'pg_type' then 'type' when 'pg_proc' then 'routine' when 'pg_namespace' then 'schema'
             when 'pg_largeobject_metadata' then 'largeobject' else substr(catalog, 4) end as class,
           object
      from both_states
     where b is null and catalog in ('pg_class', 'pg_type', 'pg_proc', 'pg_namespace', 'pg_extension', 'pg_largeobject_metadata', {named})
),
schema_before as materialized (
    select n.oid, coalesce(b.name_before, n.nspname) as name
      from pg_namespace n left join both_states b on b.catalog = 'pg_namespace' and b.object = n.oid
    union all
    select object, name_before from both_states where catalog = 'pg_namespace' and a is null
),
change as materialized (
    select *,
           case when b is null then 'added' when a is null then 'dropped' else 'changed' end as verb,
           coalesce(name_before, name_after) as name,
           -- The keys that differ.
           array(select k.key from jsonb_each(b) k
                  where a is not null and k.value is distinct from a -> k.key and k.key <> all (derived)) as keys
      from both_states
     where b - derived is distinct from a - derived and not (whole and same_files and catalog = 'pg_class' and b - 'relfilenode' = a - 'relfilenode')
),
-- What each change says about an object: class, object, words.
said as (
    {said}
),
subject as materialized (
    select class, object,
           array_agg(distinct words) as words
      from (
        -- Dropped and made again under the same name is one change.
        select class, object,
               case when words like '% dropped' and made.again then regexp_replace(words, 'dropped$', 'replaced')
                    when words like '% added' and gone.before then regexp_replace(words, 'added$', 'replaced')
                    else words end as words
          from said s
          cross join lateral (select exists (select from said o where o.class = s.class and o.object = s.object and o.words = regexp_replace(s.words, 'dropped$', 'added')) as again) made
          cross join lateral (select exists (select from said o where o.class = s.class and o.object = s.object and o.words = regexp_replace(s.words, 'added$', 'dropped')) as before) gone
      ) s
     where words is not null
       and (class, object) not in (select class, object from fresh)
     group by class, object
),
-- Their names before.
called as materialized (
    {called}
),
-- An object, and all through which it may have an owner: the parent of a partition, the table of a
-- sequence, the tables that use a type or a function or lie in a schema.
through as (
    {through}
),
place as materialized (
    select distinct t.at_class, t.at, c.schema, c.name
      from through t, lateral (
        select r.schema, r.name from called r where r.class = t.at_class and r.object = t.at
        union all
        select n.name, r.relname
          from pg_class r join schema_before n on n.oid = r.relnamespace
         where t.at_class = 'relation' and r.oid = t.at
           and not exists (select from called k where k.class = 'relation' and k.object = t.at)
        union all
        select e.extname::text, e.extname from pg_extension e
         where t.at_class = 'extension' and e.oid = t.at
           and not exists (select from called k where k.class = 'extension' and k.object = t.at)
      ) c
),
owner as materialized (
    select p.at_class, p.at, p.schema, p.name, r.services,
           r.services ?| array(select jsonb_array_elements_text(mandate -> 'services')) as own
      from place p, lateral (
        select r.services from (
            {rules:p.at_class:p.schema:p.name}
        ) r
         order by r.number limit 1
      ) r
),
-- The nearest with a rule decides along a line; every line counts.
decided as (
    select distinct on (t.class, t.object, t.line) t.class, t.object, t.line, o.services, o.own
      from through t join owner o using (at_class, at)
     order by t.class, t.object, t.line, t.distance
),
others as (
    select class, object, coalesce(jsonb_agg(distinct s) filter (where s is not null), '[]') as services
      from decided d left join lateral jsonb_array_elements(services) s on true
     where not own and (services <> '[]'
           -- What is nobody's is for migrations for nobody. But where tables need it, the consent
           -- of all of them is enough.
           or mandate -> 'services' <> '[]' and line = object and not exists (
                select from decided t
                 where t.class = d.class and t.object = d.object and t.line <> d.line and t.services <> '[]'))
     group by class, object
),
-- What is called now as others' things are; a migration for nobody takes nothing from anybody, and
-- old histories name no services. What an extension makes is its own, and the sequence of a
-- column has its name from there.
taken as materialized (
    select r.oid as object, n.nspname::text as schema, r.relname::text as name, was, f.services,
           case r.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then 'sequence' else 'table' end as kind
      from (
        select object, name_before as was from both_states
         where catalog = 'pg_class' and relation = object and a is not null
           and (b is null or b -> 'relname' <> a -> 'relname' or b -> 'relnamespace' <> a -> 'relnamespace')
        union
        select r.oid, r.relname
          from both_states s join pg_class r on r.relnamespace = s.object
         where s.catalog = 'pg_namespace' and s.b is not null and s.name_before <> s.name_after
      ) named
      join pg_class r on r.oid = named.object and r.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      join pg_namespace n on n.oid = r.relnamespace
     cross join lateral (
        select services from (
            {rules:'relation':n.nspname:r.relname}
        ) r
         order by number limit 1
      ) f
     where f.services <> '[]' and mandate -> 'services' <> '[]'
       and not f.services ?| array(select jsonb_array_elements_text(mandate -> 'services'))
       and not exists (
            select from pg_depend d
             where d.classid = 'pg_class'::regclass and d.objid = r.oid
               and (d.deptype = 'e' or r.relkind = 'S' and d.deptype in ('a', 'i')))
),
-- What no rule speaks of and no service made: PostgreSQL or an extension brought it along, or
-- somebody by hand. Of tables, functions and types of the last there may be many, from before.
given as (
    select s.class, s.object, '[]'::jsonb as services
      from subject s
     where mandate ->> 'impartial' = 'false'
       and not exists (select from decided d where d.class = s.class and d.object = s.object)
       and exists (select from unnest(s.words) w where w <> '' and w !~ '(written|truncated)')
       and not exists (
            select from pg_depend d join subject e on e.class = 'extension' and e.object = d.refobjid
             where d.objid = s.object and d.deptype = 'e' and d.refclassid = 'pg_extension'::regclass)
       -- An extension takes its own along, and nothing is left that says so.
       and not ('dropped' = any (s.words) and s.class <> 'extension'
                and exists (select from subject e where e.class = 'extension' and 'dropped' = any (e.words)))
       and (s.class not in ('relation', 'routine', 'type', 'schema') or s.object::bigint < 16384
            or exists (select from pg_depend d
                        where d.objid = s.object and d.deptype = 'e'
                          and d.classid = case s.class when 'relation' then 'pg_class' when 'routine' then 'pg_proc' when 'type' then 'pg_type' else 'pg_namespace' end::regclass))
),
worked_with as (
    select c.class, c.kind, c.schema, c.name, d.services, array_agg(distinct u.words order by u.words) as words
      from jsonb_to_recordset(used) as u (class text, object oid, need text, words text)
      join decided d on d.class = u.class and d.object = u.object and d.line = u.object
      join called c on c.class = u.class and c.object = u.object
     where not d.own and d.services <> '[]' and not {allowed}
       and not (u.need = 'read' and {reads}) and not (u.need = 'use' and {uses})
       and (u.class, u.object) not in (select class, object from fresh)
     group by c.class, c.kind, c.schema, c.name, d.services
),
breach as (
    select c.class, c.kind, c.schema, c.name, o.services, w.words
      from (select * from others union all select * from given) o
      join called c using (class, object) join subject s using (class, object),
           lateral (
             select case when 'dropped' = any (s.words) then array['dropped']
                    else array(
                      select w from unnest(s.words) w
                       where not (w = 'referenced by a foreign key, and not in reads'
                                  and (o.services = '[]' or {reads}))
                         and w <> ''
                         and not (w = 'privileges changed' and s.class = 'schema' and not exists (
                                  select from owner r where r.at_class = 'schema' and r.at = s.object and not r.own))
                         and not (w like 'index %' and 'constraint' || substr(w, 6) = any (s.words))
                       order by w) end as words
           ) w
     where w.words <> '{}' and not {allowed}
       -- The sequence of a column goes with its table.
       and not (c.kind = 'sequence' and w.words = '{dropped}' and exists (
                select from through t join subject p on p.class = 'relation' and p.object = t.at
                 where t.class = o.class and t.object = o.object and t.distance > 0 and 'dropped' = any (p.words)))
    union all
    select 'relation', c.kind, c.schema, c.name, c.services,
           array[case when c.was is null then 'created' else 'name given to ' || c.was end]
      from taken c
     where c.object not in (select object from others where class = 'relation') and not {allowed}
    union all
    select class, kind, schema, name, services, words from worked_with
    union all
    select 'everybodys', c.kind, c.schema, c.name, '[]',
           array(select jsonb_array_elements_text(c.words))
      from (select s.kind, s.name, s.words,
                   case when s.kind in ('function', 'operator', 'type') then 'pg_catalog'
                        when s.kind in ('conversion', 'operator class') then 'public' else s.name end as schema
              from jsonb_to_recordset(swayed) as s (kind text, name text, words jsonb)) c
     where not {allowed}
)
select jsonb_agg(to_jsonb(breach) order by class, schema, name) into breaches from breach;
