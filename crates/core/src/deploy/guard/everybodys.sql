-- What is everybody's, whoever made it: only a migration for all, or for nobody, may do it.
        swayed := coalesce((
            select jsonb_agg(jsonb_build_object('kind', s.kind, 'name', s.name, 'words', jsonb_build_array(s.words)))
              from jsonb_array_elements(after) r
             cross join lateral (select r -> 'facts' as facts, r ->> 'catalog' as catalog) f
             cross join lateral (
                select 'publication' as kind, r ->> 'name' as name, 'publishes every table' as words
                 where catalog = 'pg_publication' and facts ->> 'puballtables' = 'true'
                union all
                select 'cast', r ->> 'name', 'created between types of all'
                 where catalog = 'pg_cast' and (facts ->> 'castsource')::bigint < 16384 and (facts ->> 'casttarget')::bigint < 16384
                union all
                select 'transform', r ->> 'name', 'created for a type of all'
                 where catalog = 'pg_transform' and (facts ->> 'trftype')::bigint < 16384
                union all
                select 'conversion', r ->> 'name', 'used by default'
                 where catalog = 'pg_conversion' and facts ->> 'condefault' = 'true'
                union all
                select 'operator class', r ->> 'name', 'used by default for a type of all'
                 where catalog = 'pg_opclass' and facts ->> 'opcdefault' = 'true' and (facts ->> 'opcintype')::bigint < 16384
                union all
                select 'default privileges', 'every schema', 'changed'
                 where catalog = 'pg_default_acl' and facts ->> 'defaclnamespace' = '0'
                union all
                select 'schema', r ->> 'name', 'takes the name of another service''s role'
                 where catalog = 'pg_namespace' and mandate -> 'roles' ? (r ->> 'name')
                union all
                select case catalog when 'pg_proc' then 'function' when 'pg_operator' then 'operator' else 'type' end, r ->> 'name',
                       'created in front of what everybody means'
                 where 'pg_catalog'::regnamespace::oid::text
                       in (facts ->> 'pronamespace', facts ->> 'oprnamespace', facts ->> 'typnamespace')
             ) s
             -- What was there before and is changed is told as that.
             where not exists (
                select from jsonb_array_elements(before) b
                 where b -> 'catalog' = r -> 'catalog' and b -> 'object' = r -> 'object' and catalog <> 'pg_default_acl')), '[]');
        -- The schema that everybody finds things in.
        select swayed || coalesce(jsonb_agg(jsonb_build_object('kind', 'schema', 'name', b ->> 'name', 'words', jsonb_build_array('changed'))), '[]')
          into swayed
          from jsonb_array_elements(before) b
          left join jsonb_array_elements(after) a on a -> 'catalog' = b -> 'catalog' and a -> 'object' = b -> 'object'
         where b ->> 'catalog' = 'pg_namespace' and (b ->> 'object')::bigint < 16384 and b -> 'facts' is distinct from a -> 'facts';
        if strpos(counted, '[pg_largeobject]') > 0 and counting
           and not exists (select from jsonb_array_elements(after) r where r ->> 'catalog' = 'pg_largeobject_metadata') then
            swayed := swayed || '[{"kind": "large object", "name": "*", "words": ["written"]}]';
        end if;
        -- Nobody but a superuser may read some of these, so they are not compared.
        if counted is not null then
            for doubt in
                select c.catalog, c.kind, c.called
                  from (values ('pg_event_trigger', 'event trigger', 'evtname'), ('pg_database', 'database', 'datname'),
                               ('pg_db_role_setting', 'setting', 'setconfig'), ('pg_authid', 'role', 'rolname'),
                               ('pg_tablespace', 'tablespace', 'spcname'), ('pg_parameter_acl', 'setting', 'parname'),
                               ('pg_subscription', 'subscription', 'subname'), ('pg_language', 'language', 'lanname'),
                               ('pg_am', 'access method', 'amname'),
                               -- A person may become a member of a role that only reads.
                               ('pg_auth_members', 'role', 'case when roleid::bigint < 16384 or roleid::regrole::name::text in '
                                || '(select jsonb_array_elements_text($1)) or (select r.rolsuper or r.rolcreaterole or r.rolbypassrls '
                                || 'from pg_roles r where r.oid = roleid) then roleid::regrole::text end')
                       ) c (catalog, kind, called)
                 where strpos(counted, '[' || c.catalog || ']') > 0
            loop
                touched_names := null;
                if has_table_privilege('pg_catalog.' || doubt.catalog, 'select') then
                    execute format($q$select string_agg((%s)::text, ', ') from pg_catalog.%I where {ours}$q$, doubt.called, doubt.catalog)
                       into touched_names using mandate -> 'roles';
                end if;
                if touched_names is not null or counting and doubt.catalog <> 'pg_auth_members' then
                    swayed := swayed || jsonb_build_object('kind', doubt.kind, 'name', coalesce(touched_names, '*'), 'words', jsonb_build_array('changed'));
                end if;
            end loop;
        end if;
