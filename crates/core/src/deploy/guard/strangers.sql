-- Changes that no row of its own tells: as class, object and words.
        strange := '[]';
        if counted is not null then
            if strpos(counted, '[pg_publication_namespace]') > 0 then
                execute $q$select coalesce(jsonb_agg(jsonb_build_object('class', 'schema', 'object', pnnspid, 'words', 'published')), '[]') 
from pg_catalog.pg_publication_namespace where {ours}$q$ into strange;
            end if;
            if strpos(counted, '[pg_user_mapping]') > 0 and has_table_privilege('pg_catalog.pg_user_mapping', 'select') then
                execute $q$select $1 || coalesce(jsonb_agg(jsonb_build_object('class', 'foreign_server', 'object', umserver, 'words', 'user mapping changed')), '[]') 
from pg_catalog.pg_user_mapping where {ours}$q$ into strange using strange;
            end if;
            -- A label is beside its object, as a comment is.
            if strpos(counted, '[pg_seclabel]') > 0 then
                execute $q$select $1 || coalesce(jsonb_agg(jsonb_build_object('class', {class:classoid}, 'object', objoid, 'words', 'security label changed')), '[]') 
from pg_catalog.pg_seclabel where {ours}$q$ into strange using strange;
            end if;
        end if;
        if strpos(touched, '[pg_publication_rel]') > 0 or strpos(ended, '[pg_publication_rel]') > 0 then
            select strange || coalesce(jsonb_agg(distinct jsonb_build_object(
                       'class', 'publication', 'object', p.oid, 'words', 'table ' || coalesce((r.row ->> 'relation')::oid::regclass::text, '') || r.how)), '[]')
              into strange
              from (select a as row, ' added' as how from jsonb_array_elements(after) a union all select b, ' taken out' from jsonb_array_elements(before) b) r
              join pg_publication p on p.oid = (r.row -> 'facts' ->> 'prpubid')::oid
             where r.row ->> 'catalog' = 'pg_publication_rel';
        end if;
        -- Whoever puts something into an extension, by which it goes with that, locks it so.
        if strpos(counted, '[pg_depend]') > 0 and exists (select from pg_extension where oid >= 16384) then
            select strange || coalesce(jsonb_agg(distinct jsonb_build_object('class', {class:d.classid}, 'object', d.objid, 'words', 'put into an extension')), '[]')
              into strange
              from pg_locks l
              join pg_depend d on d.objid = coalesce(l.relation, l.objid) and d.classid = coalesce(l.classid, 'pg_class'::regclass)
               and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and {ours:d}
             where l.pid = pg_backend_pid() and l.locktype in ('relation', 'object')
               and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
               and not exists (
                    select from jsonb_array_elements(after) a
                     where (a ->> 'object')::oid = d.objid and to_regclass('pg_catalog.' || (a ->> 'catalog')) = d.classid
                       and not exists (select from jsonb_array_elements(before) b where b -> 'catalog' = a -> 'catalog' and b -> 'object' = a -> 'object'));
        end if;
        -- What everybody may do in a schema.
        select strange || coalesce(jsonb_agg(jsonb_build_object('class', 'schema', 'object', a -> 'object', 'words', 'privileges of everybody changed')), '[]')
          into strange
          from jsonb_array_elements(before) b
          join jsonb_array_elements(after) a on a -> 'catalog' = b -> 'catalog' and a -> 'object' = b -> 'object'
         where b ->> 'catalog' = 'pg_namespace'
           and (select string_agg(g, '') from jsonb_array_elements_text(nullif(b -> 'facts' -> 'nspacl', 'null')) g where left(g, 1) = '=')
               is distinct from (select string_agg(g, '') from jsonb_array_elements_text(nullif(a -> 'facts' -> 'nspacl', 'null')) g where left(g, 1) = '=');
        -- The triggers of a foreign key on the table that it refers to: switched off they void it,
        -- and when they are on again their rows are as before, but other ones.
        select strange || coalesce(jsonb_agg(distinct jsonb_build_object(
                   'class', 'relation', 'object', k.conrelid, 'words', 'triggers of foreign key ' || k.conname::text || ' switched')), '[]')
          into strange
          from jsonb_array_elements(before) b
          join pg_constraint k on k.oid = (b -> 'facts' ->> 'tgconstraint')::oid
          join jsonb_array_elements(after) a on a -> 'catalog' = b -> 'catalog' and a -> 'object' = b -> 'object'
         where b ->> 'catalog' = 'pg_trigger' and b -> 'facts' ->> 'tgisinternal' = 'true'
           and k.conrelid <> (b ->> 'relation')::oid
           and (a -> 'facts' = b -> 'facts' or a -> 'facts' -> 'tgenabled' <> b -> 'facts' -> 'tgenabled');
