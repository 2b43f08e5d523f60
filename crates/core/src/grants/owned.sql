-- What some roles own in this database.
-- $1: the numbers of the roles, as a JSON array.
select
    pg_catalog.pg_get_userbyid(s.refobjid) as owner,
    i.type as kind,
    i.identity
from pg_catalog.pg_shdepend s
join pg_catalog.pg_database d on d.datname = pg_catalog.current_database(),
pg_catalog.pg_identify_object(s.classid, s.objid, 0) i
where s.deptype = 'o'
  and s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
  and s.refobjid in (
    select pg_catalog.json_array_elements_text($1::pg_catalog.json)::pg_catalog.oid
)
  and (
    s.dbid = d.oid
    or s.classid = 'pg_catalog.pg_database'::pg_catalog.regclass and s.objid = d.oid
)
  and s.classid <> 'pg_catalog.pg_default_acl'::pg_catalog.regclass
order by 1, 2, 3
