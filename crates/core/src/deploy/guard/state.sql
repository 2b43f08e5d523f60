-- Rows of the catalogs as they are stored, a line for each. Only what is in the row itself: the
-- functions pg_get_...def look at the present catalog, and a cursor looks at an earlier one.
--
-- {seen:catalog:row:key} says which rows, {xid:row} who wrote or ended them.
-- Left out of a row: what VACUUM and ANALYZE change, and what follows from the rows of others, as
-- relhastriggers does, which a foreign key to the table sets.
select 'pg_class' as catalog, c.oid as object, 0 as part,
       coalesce((select i.indrelid from pg_catalog.pg_index i where i.indexrelid = c.oid), c.oid) as relation,
       c.relname::pg_catalog.text as name,
       (select d.refobjid from pg_catalog.pg_depend d
         where c.relkind = 'S' and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
           and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i') limit 1) as parent,
       pg_catalog.to_jsonb(c) - '{oid,relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,relminmxid,relhasindex,relhasrules,relhastriggers,relhassubclass,relchecks,relnatts,reltoastrelid,relispartition,relrewrite}'::pg_catalog.text[] as facts,
       {xid:c} as xid
  from pg_catalog.pg_class c
 where c.relnamespace <> 'pg_toast'::pg_catalog.regnamespace and c.relkind <> 't' and {seen:pg_class:c:c.oid}
union all
select 'pg_attribute', a.attrelid, a.attnum, a.attrelid, a.attname::pg_catalog.text, null,
       -- By name: to convert attmissingval would run a user's own cast to JSON. Before 14 there is no
       -- attcompression, and the name means that of `before_14`.
       pg_catalog.jsonb_build_object(
           'attname', a.attname, 'atttypid', a.atttypid, 'attnum', a.attnum, 'atttypmod', a.atttypmod,
           'attndims', a.attndims, 'attstattarget', a.attstattarget, 'attstorage', a.attstorage,
           'attcompression', (select (select attcompression from (select a.*) x) from (select '' as attcompression) before_14),
           'attnotnull', a.attnotnull, 'attidentity', a.attidentity, 'attgenerated', a.attgenerated,
           'attisdropped', a.attisdropped, 'attcollation', a.attcollation, 'attacl', a.attacl,
           'attoptions', a.attoptions, 'attfdwoptions', a.attfdwoptions), {xid:a}
  from pg_catalog.pg_attribute a
 where {seen:pg_attribute:a:a.attrelid}
   -- Not as a condition of its own: it would have the whole index read.
   and case when a.attnum > 0 then coalesce((select c.relkind not in ('i', 'I', 't') from pg_catalog.pg_class c where c.oid = a.attrelid), true) end
union all
select 'pg_attrdef', d.adrelid, d.adnum, d.adrelid,
       (select a.attname::pg_catalog.text from pg_catalog.pg_attribute a where a.attrelid = d.adrelid and a.attnum = d.adnum), null,
       pg_catalog.to_jsonb(d) - 'oid', {xid:d}
  from pg_catalog.pg_attrdef d where {seen:pg_attrdef:d:d.adrelid}
union all
select 'pg_constraint', k.oid, 0, nullif(k.conrelid, 0), k.conname::pg_catalog.text, null,
       pg_catalog.to_jsonb(k) - '{oid,conislocal,coninhcount,connamespace}'::pg_catalog.text[], {xid:k}
  from pg_catalog.pg_constraint k where {seen:pg_constraint:k:k.oid}
union all
select 'pg_trigger', t.oid, 0, t.tgrelid, t.tgname::pg_catalog.text, null, pg_catalog.to_jsonb(t) - 'oid', {xid:t}
  from pg_catalog.pg_trigger t where {seen:pg_trigger:t:t.oid}
union all
select 'pg_policy', p.oid, 0, p.polrelid, p.polname::pg_catalog.text, null, pg_catalog.to_jsonb(p) - 'oid', {xid:p}
  from pg_catalog.pg_policy p where {seen:pg_policy:p:p.oid}
union all
select 'pg_rewrite', r.oid, 0, r.ev_class, r.rulename::pg_catalog.text, null, pg_catalog.to_jsonb(r) - 'oid', {xid:r}
  from pg_catalog.pg_rewrite r where {seen:pg_rewrite:r:r.oid}
union all
select 'pg_index', i.indexrelid, 0, i.indrelid,
       (select c.relname::pg_catalog.text from pg_catalog.pg_class c where c.oid = i.indexrelid), null,
       pg_catalog.to_jsonb(i) - '{indcheckxmin,indisready,indislive}'::pg_catalog.text[], {xid:i}
  from pg_catalog.pg_index i where {seen:pg_index:i:i.indexrelid}
   and coalesce((select c.relkind <> 't' from pg_catalog.pg_class c where c.oid = i.indrelid), true)
union all
select 'pg_inherits', h.inhrelid, h.inhseqno, h.inhrelid,
       (select c.relname::pg_catalog.text from pg_catalog.pg_class c where c.oid = h.inhrelid), h.inhparent,
       pg_catalog.to_jsonb(h), {xid:h}
  from pg_catalog.pg_inherits h where {seen:pg_inherits:h:h.inhrelid}
   and coalesce((select c.relkind not in ('i', 'I') from pg_catalog.pg_class c where c.oid = h.inhrelid), true)
union all
select 'pg_statistic_ext', s.oid, 0, s.stxrelid, s.stxname::pg_catalog.text, null, pg_catalog.to_jsonb(s) - 'oid', {xid:s}
  from pg_catalog.pg_statistic_ext s where {seen:pg_statistic_ext:s:s.oid}
union all
select 'pg_sequence', s.seqrelid, 0, s.seqrelid, null, null, pg_catalog.to_jsonb(s), {xid:s}
  from pg_catalog.pg_sequence s where {seen:pg_sequence:s:s.seqrelid}
union all
select 'pg_foreign_table', f.ftrelid, 0, f.ftrelid, null, null, pg_catalog.to_jsonb(f), {xid:f}
  from pg_catalog.pg_foreign_table f where {seen:pg_foreign_table:f:f.ftrelid}
union all
select 'pg_publication_rel', p.oid, 0, p.prrelid,
       (select b.pubname::pg_catalog.text from pg_catalog.pg_publication b where b.oid = p.prpubid), null,
       pg_catalog.to_jsonb(p) - 'oid', {xid:p}
  from pg_catalog.pg_publication_rel p where {seen:pg_publication_rel:p:p.oid}
union all
select 'pg_description', d.objoid, d.objsubid,
       case d.classoid
         when 'pg_catalog.pg_class'::pg_catalog.regclass then d.objoid
         when 'pg_catalog.pg_trigger'::pg_catalog.regclass then (select t.tgrelid from pg_catalog.pg_trigger t where t.oid = d.objoid)
         when 'pg_catalog.pg_constraint'::pg_catalog.regclass then (select nullif(k.conrelid, 0) from pg_catalog.pg_constraint k where k.oid = d.objoid)
         when 'pg_catalog.pg_policy'::pg_catalog.regclass then (select p.polrelid from pg_catalog.pg_policy p where p.oid = d.objoid)
       end, null, null, pg_catalog.to_jsonb(d), {xid:d}
  from pg_catalog.pg_description d where {seen:pg_description:d:d.objoid}
union all
select 'pg_type', t.oid, 0, null, t.typname::pg_catalog.text, null, pg_catalog.to_jsonb(t) - '{oid,typarray}'::pg_catalog.text[], {xid:t}
  from pg_catalog.pg_type t where t.typtype <> 'c' and t.typcategory <> 'A' and {seen:pg_type:t:t.oid}
union all
select 'pg_enum', e.oid, 0, null, e.enumlabel::pg_catalog.text, e.enumtypid, pg_catalog.to_jsonb(e) - 'oid', {xid:e}
  from pg_catalog.pg_enum e where {seen:pg_enum:e:e.oid}
union all
select 'pg_proc', p.oid, 0, null, p.proname::pg_catalog.text, null, pg_catalog.to_jsonb(p) - 'oid', {xid:p}
  from pg_catalog.pg_proc p where {seen:pg_proc:p:p.oid}
union all
select 'pg_namespace', n.oid, 0, null, n.nspname::pg_catalog.text, null, pg_catalog.to_jsonb(n) - 'oid', {xid:n}
  from pg_catalog.pg_namespace n where {seen:pg_namespace:n:n.oid}
union all
select 'pg_extension', e.oid, 0, null, e.extname::pg_catalog.text, null, pg_catalog.to_jsonb(e) - 'oid', {xid:e}
  from pg_catalog.pg_extension e where {seen:pg_extension:e:e.oid}
union all
select 'pg_operator', o.oid, 0, null, o.oprname::pg_catalog.text, null, pg_catalog.to_jsonb(o) - 'oid', {xid:o}
  from pg_catalog.pg_operator o where {seen:pg_operator:o:o.oid}
union all
select 'pg_opclass', o.oid, 0, null, o.opcname::pg_catalog.text, null, pg_catalog.to_jsonb(o) - 'oid', {xid:o}
  from pg_catalog.pg_opclass o where {seen:pg_opclass:o:o.oid}
union all
select 'pg_opfamily', o.oid, 0, null, o.opfname::pg_catalog.text, null, pg_catalog.to_jsonb(o) - 'oid', {xid:o}
  from pg_catalog.pg_opfamily o where {seen:pg_opfamily:o:o.oid}
union all
select 'pg_collation', c.oid, 0, null, c.collname::pg_catalog.text, null, pg_catalog.to_jsonb(c) - 'oid', {xid:c}
  from pg_catalog.pg_collation c where {seen:pg_collation:c:c.oid}
union all
select 'pg_conversion', c.oid, 0, null, c.conname::pg_catalog.text, null, pg_catalog.to_jsonb(c) - 'oid', {xid:c}
  from pg_catalog.pg_conversion c where {seen:pg_conversion:c:c.oid}
union all
select 'pg_ts_config', t.oid, 0, null, t.cfgname::pg_catalog.text, null, pg_catalog.to_jsonb(t) - 'oid', {xid:t}
  from pg_catalog.pg_ts_config t where {seen:pg_ts_config:t:t.oid}
union all
select 'pg_ts_dict', t.oid, 0, null, t.dictname::pg_catalog.text, null, pg_catalog.to_jsonb(t) - 'oid', {xid:t}
  from pg_catalog.pg_ts_dict t where {seen:pg_ts_dict:t:t.oid}
union all
select 'pg_ts_parser', t.oid, 0, null, t.prsname::pg_catalog.text, null, pg_catalog.to_jsonb(t) - 'oid', {xid:t}
  from pg_catalog.pg_ts_parser t where {seen:pg_ts_parser:t:t.oid}
union all
select 'pg_ts_template', t.oid, 0, null, t.tmplname::pg_catalog.text, null, pg_catalog.to_jsonb(t) - 'oid', {xid:t}
  from pg_catalog.pg_ts_template t where {seen:pg_ts_template:t:t.oid}
union all
select 'pg_publication', p.oid, 0, null, p.pubname::pg_catalog.text, null, pg_catalog.to_jsonb(p) - 'oid', {xid:p}
  from pg_catalog.pg_publication p where {seen:pg_publication:p:p.oid}
union all
select 'pg_foreign_data_wrapper', f.oid, 0, null, f.fdwname::pg_catalog.text, null, pg_catalog.to_jsonb(f) - 'oid', {xid:f}
  from pg_catalog.pg_foreign_data_wrapper f where {seen:pg_foreign_data_wrapper:f:f.oid}
union all
select 'pg_foreign_server', f.oid, 0, null, f.srvname::pg_catalog.text, null, pg_catalog.to_jsonb(f) - 'oid', {xid:f}
  from pg_catalog.pg_foreign_server f where {seen:pg_foreign_server:f:f.oid}
union all
select 'pg_cast', c.oid, 0, null,
       pg_catalog.format_type(c.castsource, null) || ' as ' || pg_catalog.format_type(c.casttarget, null), null,
       pg_catalog.to_jsonb(c) - 'oid', {xid:c}
  from pg_catalog.pg_cast c where {seen:pg_cast:c:c.oid}
union all
select 'pg_transform', t.oid, 0, null,
       pg_catalog.format_type(t.trftype, null) || ' language '
       || (select l.lanname::pg_catalog.text from pg_catalog.pg_language l where l.oid = t.trflang), null,
       pg_catalog.to_jsonb(t) - 'oid', {xid:t}
  from pg_catalog.pg_transform t where {seen:pg_transform:t:t.oid}
union all
select 'pg_amop', a.oid, 0, null, a.amopopr::pg_catalog.regoper::pg_catalog.text, a.amopfamily, pg_catalog.to_jsonb(a) - 'oid', {xid:a}
  from pg_catalog.pg_amop a where {seen:pg_amop:a:a.oid}
union all
select 'pg_amproc', a.oid, 0, null, a.amproc::pg_catalog.text, a.amprocfamily, pg_catalog.to_jsonb(a) - 'oid', {xid:a}
  from pg_catalog.pg_amproc a where {seen:pg_amproc:a:a.oid}
union all
select 'pg_ts_config_map', m.mapcfg, m.maptokentype * 1000 + m.mapseqno, null, null, null, pg_catalog.to_jsonb(m), {xid:m}
  from pg_catalog.pg_ts_config_map m where {seen:pg_ts_config_map:m:m.mapcfg}
union all
select 'pg_default_acl', d.oid, 0, null, null, d.defaclnamespace, pg_catalog.to_jsonb(d) - 'oid', {xid:d}
  from pg_catalog.pg_default_acl d where {seen:pg_default_acl:d:d.oid}
union all
select 'pg_largeobject_metadata', l.oid, 0, null, l.oid::pg_catalog.text, null, pg_catalog.to_jsonb(l) - 'oid', {xid:l}
  from pg_catalog.pg_largeobject_metadata l where {seen:pg_largeobject_metadata:l:l.oid}
