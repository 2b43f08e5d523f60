-- Event triggers.
select
    e.oid,
    e.evtname,
    e.evtevent,
    e.evttags,
    n.nspname,
    p.proname,
    e.evtenabled,
    pg_catalog.pg_get_userbyid(e.evtowner)
from pg_catalog.pg_event_trigger e
join pg_catalog.pg_proc p on p.oid = e.evtfoid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
