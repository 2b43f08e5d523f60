select s.class, s.object,
           case s.class
             when 'relation' then case row ->> 'relkind' when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then 'sequence' else 'table' end
             when 'type' then case row ->> 'typtype' when 'd' then 'domain' else 'type' end
             when 'routine' then case row ->> 'prokind' when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end
             else s.class end as kind,
           coalesce(n.name, own.name) as schema, own.name
      from subject s
      cross join lateral (
        select b.b as row from both_states b
         where b.object = s.object and b.b is not null
           and b.catalog = any (case s.class when 'relation' then '{pg_class}' when 'type' then '{pg_type,pg_class}' when 'routine' then '{pg_proc}' when 'schema' then '{pg_namespace}' else '{pg_extension}' end::text[])
        union all select to_jsonb(r) from pg_class r where r.oid = s.object and (s.class = 'relation' or s.class = 'type' and r.relkind = 'c')
        union all select to_jsonb(t) from pg_type t where t.oid = s.object and s.class = 'type'
        union all select to_jsonb(p) from pg_proc p where p.oid = s.object and s.class = 'routine'
        union all select to_jsonb(n) from pg_namespace n where n.oid = s.object and s.class = 'schema'
        union all select to_jsonb(e) from pg_extension e where e.oid = s.object and s.class = 'extension'
         limit 1) was
      cross join lateral (
        select coalesce(row ->> 'relname', row ->> 'typname', row ->> 'proname', row ->> 'nspname', row ->> 'extname') as name,
               coalesce(row ->> 'relnamespace', row ->> 'typnamespace', row ->> 'pronamespace')::oid as schema) own
      left join schema_before n on n.oid = own.schema
