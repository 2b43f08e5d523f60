-- Foreign keys that were asleep while rows went away or got other keys: when they are awake they
-- have locked the table that refers to the rows. Whether they left anything behind is asked only
-- where they have not.
        for doubt in
            select k.conrelid, k.conname,
                   format('select exists (select from %s f where %s and not exists (select from %s t where %s))',
                          k.conrelid::regclass, string_agg(format('f.%I is not null', f.attname), ' and '),
                          k.confrelid::regclass,
                          string_agg(format('t.%I operator(%I.%s) f.%I', t.attname, n.nspname, o.oprname, f.attname), ' and ')) as query
              from pg_constraint k
             cross join lateral unnest(k.conkey, k.confkey, k.conpfeqop) as c (f, t, o)
              join pg_attribute f on f.attrelid = k.conrelid and f.attnum = c.f
              join pg_attribute t on t.attrelid = k.confrelid and t.attnum = c.t
              join pg_operator o on o.oid = c.o
              join pg_namespace n on n.oid = o.oprnamespace
             where k.contype = 'f' and k.convalidated and k.conparentid = 0
               and has_table_privilege(k.conrelid, 'select') and has_table_privilege(k.confrelid, 'select')
               and k.confrelid in (
                    select coalesce(p.relid, l.relation::regclass)
                      from pg_locks l left join lateral pg_partition_ancestors(l.relation) p on true
                     where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode = 'RowExclusiveLock'
                       and l.database = (select d.oid from pg_database d where d.datname = current_database())
                       and (pg_stat_get_xact_tuples_deleted(l.relation) > coalesce((counts -> l.relation::text ->> 2)::bigint, 0)
                            -- A new key has a new entry in its index, so that its row is no HOT one.
                            or pg_stat_get_xact_tuples_updated(l.relation) - pg_stat_get_xact_tuples_hot_updated(l.relation)
                               > coalesce((counts -> l.relation::text ->> 3)::bigint, 0)))
               and not exists (
                    select from pg_locks l
                     where l.pid = pg_backend_pid() and l.relation = k.conrelid and l.mode in ('RowShareLock', 'RowExclusiveLock'))
             group by k.oid, k.conrelid, k.conname, k.confrelid
        loop
            execute doubt.query into found_some;
            if found_some then
                dangling := dangling || jsonb_build_object('relation', doubt.conrelid, 'name', doubt.conname);
            end if;
        end loop;
