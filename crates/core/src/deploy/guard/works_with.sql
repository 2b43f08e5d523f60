-- What is new works with others' tables, functions, sequences and operators, by what PostgreSQL
-- says it depends on. A type gives no right to anything, and a foreign key is looked at elsewhere.
        used := coalesce((
            select jsonb_agg(distinct jsonb_build_object(
                       'class', case d.refclassid when 'pg_class'::regclass then 'relation' when 'pg_proc'::regclass then 'routine' else 'operator' end,
                       'object', d.refobjid, 'need', n.need,
                       'words', case n.need when 'read' then 'read' when 'use' then 'used' else 'written' end || ' by ' || w.what
                                || case n.need when 'read' then ', and not in reads' when 'use' then ', and not in uses' else '' end))
              from (
                select r ->> 'catalog' as catalog, (r ->> 'object')::oid as object, (r ->> 'part')::int as part,
                       (r ->> 'relation')::oid as relation, r ->> 'name' as name, r -> 'facts' as facts
                  from jsonb_array_elements(after) r
                 where r ->> 'catalog' in ('pg_rewrite', 'pg_proc', 'pg_policy', 'pg_attrdef', 'pg_constraint', 'pg_trigger', 'pg_index', 'pg_operator', 'pg_cast', 'pg_type')
                   and r -> 'facts' ->> 'tgisinternal' is distinct from 'true' and r -> 'facts' ->> 'contype' is distinct from 'f'
              ) r
             cross join lateral (
                select case r.catalog when 'pg_index' then 'pg_class'::regclass::oid else to_regclass('pg_catalog.' || r.catalog)::oid end as class,
                       case r.catalog when 'pg_attrdef' then (select a.oid from pg_attrdef a where a.adrelid = r.object and a.adnum = r.part) else r.object end as object
              ) by
              join pg_depend d on d.classid = by.class and d.objid = by.object and d.deptype = 'n' and d.refobjid >= 16384
               and d.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass)
               and d.refobjid is distinct from r.relation
              left join pg_class c on d.refclassid = 'pg_class'::regclass and c.oid = d.refobjid
             cross join lateral (
                select case when c.oid is null or c.relkind = 'S' then 'use'
                            -- The rights that a query needs are in its tree: INSERT, UPDATE, DELETE.
                            when r.name is distinct from '_RETURN' and exists (
                                select from regexp_matches(coalesce(r.facts ->> 'ev_action', r.facts ->> 'prosqlbody'), ':relid (\d+) [^{}]*:requiredPerms (\d+)', 'g') m
                                 where m[1] = c.oid::text and m[2]::int & 13 <> 0) then 'write'
                            else 'read' end as need
              ) n
             cross join lateral (
                select case r.catalog
                         when 'pg_rewrite' then case r.name when '_RETURN' then 'view ' || (select v.relname::text from pg_class v where v.oid = r.relation) else 'rule ' || r.name end
                         when 'pg_proc' then 'function ' || r.name when 'pg_policy' then 'policy ' || r.name
                         when 'pg_attrdef' then 'the default of ' || r.name when 'pg_constraint' then 'constraint ' || r.name
                         when 'pg_trigger' then 'trigger ' || r.name when 'pg_index' then 'index ' || r.name
                         when 'pg_operator' then 'operator ' || r.name when 'pg_cast' then 'cast ' || r.name else 'type ' || r.name end as what
              ) w
             where (c.oid is null or c.relkind in ('r', 'p', 'v', 'm', 'f', 'S'))
               -- What is new, too, is its own.
               and not exists (
                    select from jsonb_array_elements(after) a
                     where (a ->> 'object')::oid = d.refobjid and a ->> 'catalog' in ('pg_class', 'pg_proc', 'pg_operator')
                       and to_regclass('pg_catalog.' || (a ->> 'catalog')) = d.refclassid
                       and not exists (select from jsonb_array_elements(before) b where b -> 'catalog' = a -> 'catalog' and b -> 'object' = a -> 'object'))
        ), '[]');
