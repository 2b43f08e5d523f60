-- The roles of the services, the roles that they are members of, and our own.
-- $1: the services' roles, as a JSON array of names.
with recursive
wanted (name) as (
    select pg_catalog.json_array_elements_text($1::pg_catalog.json)
),
member (role, "of") as (
    select m.member, m.roleid
    from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles r on r.oid = m.member
    where r.rolname::pg_catalog.text in (select name from wanted)
    union
    select member.role, m.roleid
    from member
    join pg_catalog.pg_auth_members m on m.member = member."of"
)
select
    r.oid,
    r.rolname as name,
    r.rolcanlogin as can_login,
    r.rolsuper as superuser,
    r.rolcreatedb as creates_databases,
    r.rolcreaterole as creates_roles,
    r.rolreplication as replicates,
    r.rolbypassrls as bypasses_policies,
    pg_catalog.pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION') as ours_to_alter,
    coalesce((
        select pg_catalog.json_agg(o.rolname order by o.rolname)
        from member
        join pg_catalog.pg_roles o on o.oid = member."of"
        where member.role = r.oid
    ), '[]'::pg_catalog.json) as member_of,
    r.rolname = current_user as is_current,
    r.rolname = session_user as is_session,
    -- PostgreSQL takes no password of it any more.
    coalesce(r.rolvaliduntil < pg_catalog.now(), false) as expired,
    r.rolconnlimit = 0 as shut_out,
    -- What its sessions begin with, as far as it stops them or leads round the walls.
    coalesce((
        select pg_catalog.json_agg(distinct set.said)
        from pg_catalog.pg_db_role_setting s
        left join pg_catalog.pg_database d on d.oid = s.setdatabase,
        pg_catalog.unnest(s.setconfig) set (said)
        where s.setrole = r.oid
          and coalesce(d.datname = pg_catalog.current_database(), true)
          and case pg_catalog.lower(pg_catalog.split_part(set.said, '=', 1))
              when 'role' then true
              when 'session_preload_libraries' then true
              when 'local_preload_libraries' then true
              when 'session_replication_role'
              then pg_catalog.lower(pg_catalog.split_part(set.said, '=', 2)) <> 'origin'
              when 'default_transaction_read_only'
              then pg_catalog.lower(pg_catalog.split_part(set.said, '=', 2)) in ('on', 'true', 'yes', '1')
              when 'row_security'
              then pg_catalog.lower(pg_catalog.split_part(set.said, '=', 2)) in ('off', 'false', 'no', '0')
              else false
          end
    ), '[]'::pg_catalog.json) as settings
from pg_catalog.pg_roles r
where r.rolname::pg_catalog.text in (select name from wanted)
   or r.oid in (select "of" from member)
   or r.rolname in (current_user, session_user)
