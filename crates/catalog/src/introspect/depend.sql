-- What depends on what, by number. What PostgreSQL brings along itself needs nothing of others, but
-- may belong to an extension that others need.
select
    d.classid,
    d.objid,
    d.objsubid,
    d.refclassid,
    d.refobjid,
    d.refobjsubid,
    d.deptype
from pg_catalog.pg_depend d
where d.objid >= 16384 or d.deptype = 'e'
