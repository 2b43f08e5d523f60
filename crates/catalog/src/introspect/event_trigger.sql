-- Event triggers.
select
    e.oid,
    e.evtname as name,
    e.evtevent as event,
    e.evttags as tags,
    n.nspname as function_schema,
    p.proname as function_name,
    e.evtenabled as enabled,
    pg_catalog.pg_get_userbyid(e.evtowner) as owner
from pg_catalog.pg_event_trigger e
join pg_catalog.pg_proc p on p.oid = e.evtfoid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
