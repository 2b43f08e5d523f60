-- Most migrations touch what is new or their own, and this is sooner said than the rest.
        fresh := array(select (a ->> 'object')::oid from jsonb_array_elements(after) a where a ->> 'catalog' = 'pg_class'
                       except select (b ->> 'object')::oid from jsonb_array_elements(before) b);
        same := array(select (a ->> 'object')::oid from jsonb_array_elements(after) a join jsonb_array_elements(before) b
                          on a - 'xid' = b - 'xid' where a ->> 'catalog' = 'pg_class');
        ended_triggers := array(select (b ->> 'object')::oid from jsonb_array_elements(before) b where b ->> 'catalog' = 'pg_trigger');
        with row as (
            select r ->> 'catalog' as catalog, (r ->> 'relation')::oid as relation, (r ->> 'object')::oid as object,
                   case r ->> 'catalog' when 'pg_inherits' then (r ->> 'parent')::oid
                     when 'pg_constraint' then nullif((r -> 'facts' ->> 'confrelid')::oid, 0) end as other
              from (select jsonb_array_elements(after) as r union all select jsonb_array_elements(before)) x
             -- The triggers of a new foreign key, and what they leave in pg_class: nothing that counts.
             where not (r ->> 'catalog' = 'pg_trigger' and r -> 'facts' ->> 'tgisinternal' = 'true'
                        and r -> 'facts' ->> 'tgconstraint' <> '0'
                        and (r ->> 'object')::oid <> all (ended_triggers))
               and not (r ->> 'catalog' = 'pg_class' and (r ->> 'object')::oid = any (same))
        ),
        touched_relation as (
            select relation from row
            union
            select other from row join pg_class o on o.oid = other join pg_namespace n on n.oid = o.relnamespace
             where catalog = 'pg_inherits' or not exists (
                    select from jsonb_array_elements(mandate -> 'reads') p
                     where case when p ->> 'schema' is null then n.nspname::text ~ (p ->> 'schema_regex') else n.nspname = p ->> 'schema' end
                       and case when p ->> 'name' is null then o.relname::text ~ (p ->> 'name_regex') else o.relname = p ->> 'name' end)
            union
            select l.relation from pg_locks l
             where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode = 'RowExclusiveLock'
               and l.database = (select d.oid from pg_database d where d.datname = current_database())
        )
        select exists (
            select from touched_relation t
              left join lateral (
                select r.services ?| array(select jsonb_array_elements_text(mandate -> 'services')) as own, r.services
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 cross join lateral (
                    {rules:'relation':n.nspname:c.relname}
                 ) r
                 where c.oid = t.relation
                   -- Under the name that it had before, if it was there.
                   and (c.oid = any (fresh) or not exists (
                        select from jsonb_array_elements(before) b
                         where b ->> 'catalog' = 'pg_namespace'
                            or b ->> 'catalog' = 'pg_class' and (b ->> 'object')::oid = c.oid
                           and (b -> 'facts' ->> 'relname' <> c.relname or (b -> 'facts' ->> 'relnamespace')::oid <> c.relnamespace)))
                 order by r.number limit 1) o on true
             where case when t.relation = any (fresh) then not o.own and o.services <> '[]'
                        else o.own is not true end
        ) into suspicious;
