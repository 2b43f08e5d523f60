(
    select class, object, object as line, class as at_class, object as at, 0 as distance from subject
    union all
    -- A type belongs with the tables that have a column of it; a view only shows it.
    select s.class, s.object, d.objid, 'relation', d.objid, 0
      from subject s
      cross join lateral (
        select t.oid, t.typarray from pg_type t where t.oid = s.object or t.typrelid = s.object) t
      join pg_depend d on d.refclassid = 'pg_type'::regclass and d.refobjid in (t.oid, t.typarray)
       and d.classid = 'pg_class'::regclass and d.objsubid > 0
      join pg_class r on r.oid = d.objid and r.relkind in ('r', 'p', 'f', 'c')
     where s.class = 'type'
    union all
    -- A function belongs with the tables whose triggers, defaults, policies and so on call it.
    select s.class, s.object, r.relation, 'relation', r.relation, 0
      from subject s
      join pg_depend d on d.refclassid = 'pg_proc'::regclass and d.refobjid = s.object
      cross join lateral (
        select tgrelid as relation from pg_trigger where d.classid = 'pg_trigger'::regclass and oid = d.objid
        union all select adrelid from pg_attrdef where d.classid = 'pg_attrdef'::regclass and oid = d.objid
        union all select polrelid from pg_policy where d.classid = 'pg_policy'::regclass and oid = d.objid
        union all select conrelid from pg_constraint where d.classid = 'pg_constraint'::regclass and oid = d.objid and conrelid <> 0
        union all select ev_class from pg_rewrite where d.classid = 'pg_rewrite'::regclass and oid = d.objid
        union all select indrelid from pg_index where d.classid = 'pg_class'::regclass and indexrelid = d.objid
      ) r
     where s.class = 'routine'
    union all
    -- What an extension brought along is whose that is.
    select s.class, s.object, s.object, 'extension', d.refobjid, 1
      from subject s
      join pg_depend d on d.objid = s.object and d.deptype = 'e' and d.refclassid = 'pg_extension'::regclass
       and d.classid = case s.class when 'relation' then 'pg_class' when 'routine' then 'pg_proc' when 'schema' then 'pg_namespace' else 'pg_' || s.class end::regclass
     where s.class <> 'extension' and s.class <> 'largeobject'
    union all
    select s.class, s.object, r.oid, 'relation', r.oid, 0
      from subject s join pg_class r on r.relnamespace = s.object and r.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
     where s.class = 'schema'
    )
    union all
    select t.class, t.object, t.line, 'relation', p.parent, t.distance + 1
      from through t
      cross join lateral (
        select x.parent_before as parent from both_states x
         where x.catalog in ('pg_class', 'pg_inherits') and x.object = t.at and x.b is not null and x.parent_before is not null
        union
        select h.inhparent from pg_inherits h
         where h.inhrelid = t.at
           and not exists (select from both_states x where x.catalog = 'pg_inherits' and x.object = h.inhrelid and x.part = h.inhseqno)
        union
        select d.refobjid from pg_depend d join pg_class q on q.oid = d.objid and q.relkind = 'S'
         where d.classid = 'pg_class'::regclass and d.objid = t.at
           and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
           and not exists (select from both_states x where x.catalog = 'pg_class' and x.object = d.objid)
      ) p
     where t.at_class = 'relation' and t.distance < 8
