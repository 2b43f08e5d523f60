-- Comments of all objects that PostgreSQL does not bring along itself, and of its schemas and
-- extensions, which may be changed all the same.
select
    d.classoid as class,
    d.objoid as object,
    d.objsubid as part,
    d.description as comment
from pg_catalog.pg_description d
where d.objoid >= 16384
    or d.classoid in (
        'pg_catalog.pg_namespace'::pg_catalog.regclass,
        'pg_catalog.pg_extension'::pg_catalog.regclass
    )
