-- Statistics objects.
select
    s.oid,
    n.nspname,
    s.stxname,
    pg_catalog.pg_get_userbyid(s.stxowner),
    s.stxrelid,
    case when s.stxstattarget <> -1 then s.stxstattarget end,
    pg_catalog.pg_get_statisticsobjdef(s.oid)
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
