-- Triggers; not those that carry out constraints, nor a partition's copies of its parent's
-- triggers unless they are enabled differently. Which copies are called internal differs between
-- versions, so that their constraint is asked.
select
    t.oid,
    t.tgrelid as relation,
    t.tgname as name,
    n.nspname as function_schema,
    p.proname as function_name,
    t.tgenabled as enabled,
    pg_catalog.pg_get_triggerdef(t.oid) as definition
from pg_catalog.pg_trigger t
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
left join pg_catalog.pg_constraint k on k.oid = t.tgconstraint
left join pg_catalog.pg_trigger parent on parent.oid = t.tgparentid
where (k.oid is null or k.contype = 't')
    and (t.tgparentid = 0 or t.tgenabled <> parent.tgenabled)
