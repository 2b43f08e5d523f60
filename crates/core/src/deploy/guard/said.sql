select case when coalesce(b, a) ->> 'relkind' = 'c' then 'type' else 'relation' end as class, object,
           unnest(case
             when a is null then array['dropped']
             when b is null then array[]::text[]
             else array[
               case when 'relname' = any (keys) then 'renamed to ' || name_after end,
               case when 'relnamespace' = any (keys) then 'moved to schema ' || (select nspname::text from pg_namespace where oid = (a ->> 'relnamespace')::oid) end,
               case when 'relowner' = any (keys) then 'owner changed to ' || pg_get_userbyid((a ->> 'relowner')::oid)::text end,
               case when 'relacl' = any (keys) then 'privileges changed' end,
               case when 'relrowsecurity' = any (keys) then 'row-level security switched ' || case a ->> 'relrowsecurity' when 'true' then 'on' else 'off' end end,
               case when 'relforcerowsecurity' = any (keys) then 'forced row-level security switched ' || case a ->> 'relforcerowsecurity' when 'true' then 'on' else 'off' end end,
               case when 'relfilenode' = any (keys) then case a ->> 'relkind' when 'S' then 'advanced or set' else 'truncated or rewritten' end end,
               case when 'reloptions' = any (keys) then 'storage parameters changed' end,
               case when 'relpersistence' = any (keys) then 'made ' || case a ->> 'relpersistence' when 'u' then 'unlogged' else 'logged' end end,
               case when 'relreplident' = any (keys) then 'replica identity changed' end,
               -- Becoming a child and being one no more is said of pg_inherits.
               case when b ->> 'relpartbound' <> a ->> 'relpartbound' then 'bounds changed' end,
               case when keys <> '{}' and not keys <@ '{relpartbound,relname,relnamespace,relowner,relacl,relrowsecurity,relforcerowsecurity,relfilenode,reloptions,relpersistence,relreplident}'::text[] then 'definition changed' end
             ] end) as words
      from change where catalog = 'pg_class' and relation = object
    union all
    -- An index. A new file node of it is no change, it holds what the table holds; and the rest it
    -- has from the table.
    select 'relation', relation, case
             when verb <> 'changed' then 'index ' || name || ' ' || verb
             when 'relname' = any (keys) then 'index ' || name || ' renamed to ' || name_after
             when not keys <@ '{relfilenode,relnamespace,relowner,relpersistence}'::text[] then 'index ' || name || ' changed' end
      from change where catalog = 'pg_class' and relation <> object
    union all
    select 'relation', relation, 'index ' || name || ' changed'
      from change where catalog = 'pg_index' and verb = 'changed'
    union all
    select case when exists (select from pg_class c where c.oid = relation and c.relkind = 'c') then 'type' else 'relation' end, relation, case
             when verb = 'dropped' or (a ->> 'attisdropped' = 'true') then 'column ' || name || ' dropped'
             when verb = 'added' then 'column ' || name || ' added'
             when 'attname' = any (keys) then 'column ' || name || ' renamed to ' || name_after
             when keys && '{atttypid,atttypmod,attcollation,attndims}'::text[] then 'column ' || name || ': type changed'
             when 'attnotnull' = any (keys) then 'column ' || name || ': not null ' || case a ->> 'attnotnull' when 'true' then 'set' else 'dropped' end
             when 'attacl' = any (keys) then 'privileges of column ' || name || ' changed'
             when keys <> '{}' then 'column ' || name || ' changed' end
      from change where catalog = 'pg_attribute'
    union all
    select 'relation', relation, 'default of column ' || name || ' ' || verb
      from change c where catalog = 'pg_attrdef'
       and not exists (select from change k where k.catalog = 'pg_attribute' and k.object = c.object and k.part = c.part and k.a ->> 'attisdropped' = 'true')
    union all
    select case when relation is null then 'type' else 'relation' end,
           coalesce(relation, (coalesce(b, a) ->> 'contypid')::oid), case
             when 'conname' = any (keys) then 'constraint ' || name || ' renamed to ' || name_after
             when 'convalidated' = any (keys) then 'constraint ' || name || ' validated'
             else 'constraint ' || name || ' ' || verb end
      from change c where catalog = 'pg_constraint'
       -- A foreign key has one more for every part of either table, which comes and goes with that.
       and not (verb <> 'changed' and coalesce(b, a) ->> 'contype' = 'f' and coalesce(b, a) ->> 'conparentid' <> '0')
       -- So does a NOT NULL of a domain since 17, and of a column since 18: that is said of those.
       and not exists (
            select from change k
             where c.verb <> 'changed' and coalesce(c.b, c.a) ->> 'contype' = 'n'
               and k.catalog = case when c.relation is null then 'pg_type' else 'pg_attribute' end
               and k.object = coalesce(c.relation, (coalesce(c.b, c.a) ->> 'contypid')::oid)
               and k.part = coalesce((coalesce(c.b, c.a) -> 'conkey' ->> 0)::int, 0))
    union all
    select 'relation', (a ->> 'confrelid')::oid, 'referenced by a foreign key, and not in reads'
      from change where catalog = 'pg_constraint' and verb = 'added' and a ->> 'contype' = 'f' and a ->> 'conparentid' = '0'
    union all
    -- The triggers of a foreign key come and go with it, on both tables.
    select 'relation', relation, case
             when 'tgenabled' = any (keys) and name like 'RI\_ConstraintTrigger%' then 'triggers of foreign keys ' || case a ->> 'tgenabled' when 'D' then 'disabled' else 'enabled' end
             when coalesce(b, a) ->> 'tgisinternal' = 'true' and coalesce(b, a) ->> 'tgconstraint' <> '0' then null
             when 'tgname' = any (keys) then 'trigger ' || name || ' renamed to ' || name_after
             when 'tgenabled' = any (keys) then 'trigger ' || name || case a ->> 'tgenabled' when 'D' then ' disabled' else ' enabled' end
             else 'trigger ' || name || ' ' || verb end
      from change where catalog = 'pg_trigger'
    union all
    select 'relation', relation, case
             when 'polname' = any (keys) then 'policy ' || name || ' renamed to ' || name_after
             else 'policy ' || name || ' ' || verb end
      from change where catalog = 'pg_policy'
    union all
    select 'relation', relation, case
             when name = '_RETURN' then 'definition changed'
             when 'rulename' = any (keys) then 'rule ' || name || ' renamed to ' || name_after
             when 'ev_enabled' = any (keys) then 'rule ' || name || case a ->> 'ev_enabled' when 'D' then ' disabled' else ' enabled' end
             else 'rule ' || name || ' ' || verb end
      from change where catalog = 'pg_rewrite'
    union all
    select 'relation', x.relation, case verb when 'dropped' then x.was else x.became end || coalesce(other, '')
      from change c, lateral (
        select relation, 'taken from its parent' as was, 'made a child of another table' as became, null as other
        union all
        select parent, 'child taken away: ', 'child added: ', name) x
     where catalog = 'pg_inherits'
    union all
    select 'relation', relation, 'statistics ' || name || ' ' || verb from change
     where catalog = 'pg_statistic_ext'
    union all
    select 'relation', relation, 'sequence changed' from change
     where catalog = 'pg_sequence' and verb = 'changed'
    union all
    select 'relation', relation, 'options changed' from change
     where catalog = 'pg_foreign_table' and verb = 'changed'
    union all
    select 'relation', relation, case verb when 'dropped' then 'taken out of publication ' when 'added' then 'added to publication ' else 'changed in publication ' end || name
      from change where catalog = 'pg_publication_rel'
    union all
    select k.class, k.object, 'comment changed'
      from change c, lateral (
        select case when relation is not null then 'relation' else {class:o.oid} end as class, coalesce(relation, object) as object
          from (select (coalesce(b, a) ->> 'classoid')::oid as oid) o) k
     where catalog = 'pg_description'
       -- The comment of a column goes with it.
       and not exists (select from change g where g.catalog = 'pg_attribute' and g.object = c.object and g.part = c.part and g.a ->> 'attisdropped' = 'true')
    union all
    select case catalog when 'pg_type' then 'type' when 'pg_proc' then 'routine' when 'pg_namespace' then 'schema' else 'extension' end, object,
           unnest(case
             when a is null then array['dropped']
             when b is null then array[]::text[]
             else array[
               case when keys && '{typname,proname,nspname,extname}'::text[] then 'renamed to ' || name_after end,
               case when keys && '{typnamespace,pronamespace,extnamespace}'::text[] then 'moved to another schema' end,
               case when keys && '{typowner,proowner,nspowner,extowner}'::text[] then 'owner changed to ' || pg_get_userbyid((coalesce(a -> 'typowner', a -> 'proowner', a -> 'nspowner', a -> 'extowner') ->> 0)::oid)::text end,
               case when keys && '{typacl,proacl,nspacl}'::text[] then 'privileges changed' end,
               case when 'extversion' = any (keys) then 'updated to ' || (a ->> 'extversion') end,
               case when not keys <@ '{typname,proname,nspname,extname,typnamespace,pronamespace,extnamespace,typowner,proowner,nspowner,extowner,typacl,proacl,nspacl,extversion}'::text[] then 'definition changed' end
             ] end)
      from change where catalog in ('pg_type', 'pg_proc', 'pg_namespace', 'pg_extension')
    union all
    select 'type', parent, case when 'enumlabel' = any (keys) then 'value ' || name || ' renamed to ' || name_after
             else 'value ' || name || ' ' || verb end
      from change where catalog = 'pg_enum'
    union all
    select 'relation', (d ->> 'relation')::oid, 'rows left that refer to nothing by ' || (d ->> 'name')
      from jsonb_array_elements(dangling) d
    union all
    -- Rows. What was rolled back to a savepoint is counted too, but has left no lock.
    select 'relation', c.oid, case
             when c.relkind = 'S' then 'advanced or set'
             when not counting or c.relkind = 'f' then 'may have been written: ' || case c.relkind when 'f' then 'it is not here' else 'track_counts is off' end
             when w.rows > 0 then w.rows::text || case w.rows when 1 then ' row written' else ' rows written' end end
      from pg_locks l join pg_class c on c.oid = l.relation, lateral (
        select pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
               + pg_stat_get_xact_tuples_deleted(c.oid) - coalesce((counts -> c.oid::text ->> 0)::bigint + (counts -> c.oid::text ->> 2)::bigint, 0) as rows) w
     where not whole and l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode = 'RowExclusiveLock'
       and l.database = (select d.oid from pg_database d where d.datname = current_database())
       and c.relkind in ('r', 'm', 'f', 'S')
    union all
    select substr(catalog, 4) as class, object,
           unnest(case
             when a is null then array['dropped']
             when b is null then array[]::text[]
             else array[
               case when name_before <> name_after then 'renamed to ' || name_after end,
               case when exists (select from unnest(keys) k where k like '%namespace') then 'moved to another schema' end,
               case when exists (select from unnest(keys) k where k like '%owner') then 'owner changed' end,
               case when exists (select from unnest(keys) k where k like '%acl') then 'privileges changed' end,
               case when exists (select from unnest(keys) k where k !~ '(name|namespace|owner|acl)$') then 'definition changed' end
             ] end)
      from change
     where catalog in ({named})
       and not (catalog = 'pg_cast' and greatest((coalesce(b, a) ->> 'castsource')::bigint, (coalesce(b, a) ->> 'casttarget')::bigint) >= 16384)
       and not (catalog = 'pg_transform' and (coalesce(b, a) ->> 'trftype')::bigint >= 16384)
    union all
    select 'largeobject', object, case verb when 'dropped' then 'dropped' when 'changed' then 'changed' end
      from change where catalog = 'pg_largeobject_metadata'
    union all
    -- What is new in a family says nothing of types that it did not know before.
    select 'opfamily', parent, case catalog when 'pg_amop' then 'operator ' else 'function ' end || coalesce(name, '') || ' ' || verb
      from change
     where catalog in ('pg_amop', 'pg_amproc')
       and (verb <> 'added' or coalesce(a ->> 'amoplefttype', a ->> 'amproclefttype')::bigint < 16384
                               and coalesce(a ->> 'amoprighttype', a ->> 'amprocrighttype')::bigint < 16384)
       and exists (select from pg_opfamily f where f.oid = parent)
    union all
    select 'ts_config', object, 'mapping changed' from change
     where catalog = 'pg_ts_config_map' and exists (select from pg_ts_config t where t.oid = object)
    union all
    select 'schema', parent, 'default privileges changed' from change where catalog = 'pg_default_acl' and parent <> 0
    union all
    -- A cast or a transform of a type that somebody owns; of two that of the first.
    select 'type', t.oid, substr(catalog, 4) || ' ' || coalesce(name, '') || ' ' || verb
      from change, lateral (select (coalesce(b, a) ->> 'castsource')::bigint as source, coalesce(b, a) ->> 'casttarget' as target) c,
           lateral (select coalesce(coalesce(b, a) ->> 'trftype', case when c.source < 16384 then target else c.source::text end)::oid as oid) t
     where catalog in ('pg_cast', 'pg_transform') and t.oid::bigint >= 16384
    union all
    select x.class, x.object, x.words from jsonb_to_recordset(strange) as x (class text, object oid, words text)
    union all
    select u.class, u.object, '' from jsonb_to_recordset(used) as u (class text, object oid)
