-- Rules; not those that make a view a view.
select
    r.oid,
    r.ev_class as relation,
    r.rulename as name,
    r.ev_enabled as enabled,
    pg_catalog.pg_get_ruledef(r.oid) as definition
from pg_catalog.pg_rewrite r
join pg_catalog.pg_class c on c.oid = r.ev_class
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where r.rulename <> '_RETURN'
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
