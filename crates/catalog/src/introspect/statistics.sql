-- Statistics objects.
select
    s.oid,
    n.nspname as schema,
    s.stxname as name,
    pg_catalog.pg_get_userbyid(s.stxowner) as owner,
    s.stxrelid as relation,
    case when s.stxstattarget <> -1 then s.stxstattarget end as target,
    pg_catalog.pg_get_statisticsobjdef(s.oid) as definition
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
