-- A part of beyond.sql, since PostgreSQL 15. They are the first superuser's.
union all
select 'parameter', pg_catalog.quote_ident(p.parname), 10::pg_catalog.oid, a.grantee, a.grantor, a.privilege_type
from pg_catalog.pg_parameter_acl p, pg_catalog.aclexplode(p.paracl) a
