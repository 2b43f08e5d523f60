select s.class, s.object,
           case s.class
             when 'relation' then case row ->> 'relkind' when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then 'sequence' else 'table' end
             when 'type' then case row ->> 'typtype' when 'd' then 'domain' else 'type' end
             when 'routine' then case row ->> 'prokind' when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end
             when 'opclass' then 'operator class' when 'opfamily' then 'operator family'
             when 'ts_config' then 'text search configuration' when 'ts_dict' then 'text search dictionary'
             when 'ts_parser' then 'text search parser' when 'ts_template' then 'text search template'
             when 'foreign_data_wrapper' then 'foreign data wrapper' when 'foreign_server' then 'server'
             when 'largeobject' then 'large object'
             else s.class end as kind,
           coalesce(n.name, own.name) as schema, own.name
      from subject s
      cross join lateral (
        select b.b || jsonb_build_object('called', b.name_before) as row from both_states b
         where b.object = s.object and b.b is not null
           and b.catalog = any (case s.class when 'relation' then '{pg_class}' when 'type' then '{pg_type,pg_class}' when 'routine' then '{pg_proc}' when 'schema' then '{pg_namespace}' when 'largeobject' then '{pg_largeobject_metadata}'
                                 else '{pg_' || s.class || '}' end::text[])
        union all select to_jsonb(r) from pg_class r where r.oid = s.object and (s.class = 'relation' or s.class = 'type' and r.relkind = 'c')
        union all select to_jsonb(t) from pg_type t where t.oid = s.object and s.class = 'type'
        union all select to_jsonb(p) from pg_proc p where p.oid = s.object and s.class = 'routine'
        union all select to_jsonb(n) from pg_namespace n where n.oid = s.object and s.class = 'schema'
        union all select to_jsonb(e) from pg_extension e where e.oid = s.object and s.class = 'extension'
        union all select to_jsonb(x) from pg_operator x where x.oid = s.object and s.class = 'operator'
        union all select to_jsonb(x) from pg_opclass x where x.oid = s.object and s.class = 'opclass'
        union all select to_jsonb(x) from pg_opfamily x where x.oid = s.object and s.class = 'opfamily'
        union all select to_jsonb(x) from pg_collation x where x.oid = s.object and s.class = 'collation'
        union all select to_jsonb(x) from pg_conversion x where x.oid = s.object and s.class = 'conversion'
        union all select to_jsonb(x) from pg_ts_config x where x.oid = s.object and s.class = 'ts_config'
        union all select to_jsonb(x) from pg_ts_dict x where x.oid = s.object and s.class = 'ts_dict'
        union all select to_jsonb(x) from pg_publication x where x.oid = s.object and s.class = 'publication'
        union all select to_jsonb(x) from pg_foreign_data_wrapper x where x.oid = s.object and s.class = 'foreign_data_wrapper'
        union all select to_jsonb(x) from pg_foreign_server x where x.oid = s.object and s.class = 'foreign_server'
         limit 1) was
      cross join lateral (
        select coalesce(row ->> 'relname', row ->> 'typname', row ->> 'proname', row ->> 'nspname', row ->> 'extname',
                        row ->> 'oprname', row ->> 'opcname', row ->> 'opfname', row ->> 'collname', row ->> 'cfgname', row ->> 'dictname',
                        row ->> 'prsname', row ->> 'tmplname', row ->> 'pubname', row ->> 'fdwname', row ->> 'srvname',
                        case s.class when 'conversion' then row ->> 'conname' end, row ->> 'called', s.object::text) as name,
               coalesce(row ->> 'relnamespace', row ->> 'typnamespace', row ->> 'pronamespace',
                        row ->> 'oprnamespace', row ->> 'opcnamespace', row ->> 'opfnamespace', row ->> 'collnamespace',
                        case s.class when 'conversion' then row ->> 'connamespace' end,
                        row ->> 'cfgnamespace', row ->> 'dictnamespace', row ->> 'prsnamespace', row ->> 'tmplnamespace')::oid as schema) own
      left join schema_before n on n.oid = own.schema
