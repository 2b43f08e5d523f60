-- Ours is what is seen and not committed.
        select coalesce(jsonb_agg(r), '[]') into after
          from jsonb_array_elements(after) r where {status} = 'in progress';
        -- A row that another session is about to end, or that was only locked, is still there.
        gone := array(select {key:b} from jsonb_array_elements(before) b
                      except select {key:a} from jsonb_array_elements(after) a);
        still := '[]';
        if gone <> '{}' then
            execute 'select coalesce(jsonb_agg(to_jsonb(state)), ''[]'') from (' || no_row
                    || (select string_agg(query, ' union all ')
                          from (values {still}) q (name, query)
                         where strpos(ended, '[' || name || ']') > 0)
                    || ') state' into still
              using array(select distinct (b ->> 'object')::oid from jsonb_array_elements(before) b where {key:b} = any (gone));
        end if;
        -- The status only now: what is not in progress any more may have been a moment ago. What
        -- another session ended first and we then, no snapshot of ours has seen: we have a row of
        -- our own in its place, or keep the lock that dropping it takes.
        select coalesce(jsonb_agg(r), '[]') into before
          from jsonb_array_elements(before) r, lateral (select {key:r} as key, {status} as status) k
         where (k.key <> all (gone) or not exists (select from jsonb_array_elements(still) s where {key:s} = k.key))
           and case k.status
                 when 'in progress' then true
                 when 'committed' then k.key <> all (gone) or exists (
                      select from pg_locks l
                       where l.pid = pg_backend_pid() and l.mode = 'AccessExclusiveLock' and l.granted
                         and l.database = (select d.oid from pg_database d where d.datname = current_database())
                         and (l.locktype = 'relation' and l.relation = (r ->> 'relation')::oid
                              or l.locktype = 'object' and l.objid = (r ->> 'object')::oid
                                 and l.classid = to_regclass('pg_catalog.' || (r ->> 'catalog'))))
                 else false end;
