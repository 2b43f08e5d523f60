-- Objects of the kinds that few schemas have. Some of their catalogs get new columns with every
-- version, and they have few rows, so these are taken as JSON without the numbers of objects.
-- User mappings are left out: their options hold passwords.
with objects as (
    select
        c.tableoid as class, c.oid as object, 0::pg_catalog.oid as owner,
        pg_catalog.concat_ws(' ', c.castcontext, c.castmethod,
            case when c.castfunc <> 0 then c.castfunc::pg_catalog.regprocedure::pg_catalog.text end
        ) as definition
    from pg_catalog.pg_cast c
    union all
    select
        o.tableoid, o.oid, o.oprowner,
        pg_catalog.concat_ws(', ', o.oprcode::pg_catalog.text,
            pg_catalog.format_type(o.oprresult, null),
            case when o.oprcom <> 0
                then 'commutator ' || o.oprcom::pg_catalog.regoperator::pg_catalog.text end,
            case when o.oprnegate <> 0
                then 'negator ' || o.oprnegate::pg_catalog.regoperator::pg_catalog.text end,
            'restrict ' || nullif(o.oprrest::pg_catalog.text, '-'),
            'join ' || nullif(o.oprjoin::pg_catalog.text, '-'),
            case when o.oprcanhash then 'hashes' end,
            case when o.oprcanmerge then 'merges' end)
    from pg_catalog.pg_operator o
    union all
    select
        c.tableoid, c.oid, c.opcowner,
        pg_catalog.concat_ws(', ', pg_catalog.format_type(c.opcintype, null),
            (pg_catalog.pg_identify_object(f.tableoid, f.oid, 0)).identity,
            case when c.opckeytype <> 0
                then 'storage ' || pg_catalog.format_type(c.opckeytype, null) end,
            case when c.opcdefault then 'default' end)
    from pg_catalog.pg_opclass c
    join pg_catalog.pg_opfamily f on f.oid = c.opcfamily
    where c.oid >= 16384
    union all
    select
        f.tableoid, f.oid, f.opfowner,
        pg_catalog.concat_ws('; ',
            (
                select pg_catalog.string_agg(m.member, ', ' order by m.member)
                from (
                    select pg_catalog.concat_ws(' ', 'operator', a.amopstrategy,
                        a.amopopr::pg_catalog.regoperator, a.amoppurpose) as member
                    from pg_catalog.pg_amop a
                    where a.amopfamily = f.oid
                ) m
            ),
            (
                select pg_catalog.string_agg(m.member, ', ' order by m.member)
                from (
                    select pg_catalog.concat_ws(' ', 'function', a.amprocnum,
                        pg_catalog.format_type(a.amproclefttype, null),
                        pg_catalog.format_type(a.amprocrighttype, null),
                        a.amproc::pg_catalog.regprocedure) as member
                    from pg_catalog.pg_amproc a
                    where a.amprocfamily = f.oid
                ) m
            ))
    from pg_catalog.pg_opfamily f
    where f.oid >= 16384
    union all
    select
        c.tableoid, c.oid, c.collowner,
        pg_catalog.jsonb_strip_nulls(
            pg_catalog.to_jsonb(c) - '{oid,collname,collnamespace,collowner,collversion}'
                ::pg_catalog.text[])::pg_catalog.text
    from pg_catalog.pg_collation c
    where c.oid >= 16384
    union all
    select
        c.tableoid, c.oid, c.conowner,
        pg_catalog.concat_ws(' ', pg_catalog.pg_encoding_to_char(c.conforencoding),
            pg_catalog.pg_encoding_to_char(c.contoencoding), c.conproc::pg_catalog.text,
            case when c.condefault then 'default' end)
    from pg_catalog.pg_conversion c
    union all
    select
        c.tableoid, c.oid, c.cfgowner,
        pg_catalog.concat_ws('; ',
            (
                select pg_catalog.format('%I.%I', pn.nspname, p.prsname)
                from pg_catalog.pg_ts_parser p
                join pg_catalog.pg_namespace pn on pn.oid = p.prsnamespace
                where p.oid = c.cfgparser
            ),
            (
                select pg_catalog.string_agg(
                    token.alias || ' ' || m.mapdict::pg_catalog.regdictionary::pg_catalog.text,
                    ', ' order by token.alias, m.mapseqno)
                from pg_catalog.pg_ts_config_map m
                join pg_catalog.ts_token_type(c.cfgparser) token on token.tokid = m.maptokentype
                where m.mapcfg = c.oid
            ))
    from pg_catalog.pg_ts_config c
    where c.oid >= 16384
    union all
    select
        d.tableoid, d.oid, d.dictowner,
        pg_catalog.concat_ws('; ', pg_catalog.format('%I.%I', tn.nspname, t.tmplname),
            d.dictinitoption)
    from pg_catalog.pg_ts_dict d
    join pg_catalog.pg_ts_template t on t.oid = d.dicttemplate
    join pg_catalog.pg_namespace tn on tn.oid = t.tmplnamespace
    union all
    select
        p.tableoid, p.oid, 0,
        pg_catalog.concat_ws(', ', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype)
    from pg_catalog.pg_ts_parser p
    union all
    select t.tableoid, t.oid, 0, pg_catalog.concat_ws(', ', t.tmplinit, t.tmpllexize)
    from pg_catalog.pg_ts_template t
    union all
    select
        w.tableoid, w.oid, w.fdwowner,
        pg_catalog.concat_ws(', ', w.fdwhandler::pg_catalog.regproc,
            w.fdwvalidator::pg_catalog.regproc, w.fdwoptions)
    from pg_catalog.pg_foreign_data_wrapper w
    union all
    select
        s.tableoid, s.oid, s.srvowner,
        pg_catalog.concat_ws(', ', w.fdwname, s.srvtype, s.srvversion, s.srvoptions)
    from pg_catalog.pg_foreign_server s
    join pg_catalog.pg_foreign_data_wrapper w on w.oid = s.srvfdw
    union all
    select
        l.tableoid, l.oid, l.lanowner,
        pg_catalog.concat_ws(', ', case when l.lanpltrusted then 'trusted' end,
            l.lanplcallfoid::pg_catalog.regproc, l.laninline::pg_catalog.regproc,
            l.lanvalidator::pg_catalog.regproc)
    from pg_catalog.pg_language l
    union all
    select
        p.tableoid, p.oid, p.pubowner,
        pg_catalog.concat_ws('; ',
            (pg_catalog.to_jsonb(p) - '{oid,pubname,pubowner}'::pg_catalog.text[])
                ::pg_catalog.text,
            (
                select pg_catalog.string_agg(
                    pg_catalog.concat_ws(' ', pg_catalog.format('%I.%I', n.nspname, c.relname),
                        (
                            select pg_catalog.array_agg(a.attname order by a.attname)
                            from pg_catalog.pg_attribute a
                            where a.attrelid = c.oid
                                and a.attnum = any (r.prattrs) -- before 15: and false
                        ),
                        pg_catalog.pg_get_expr(r.prqual, c.oid) -- before 15: null
                    ),
                    ', ' order by n.nspname, c.relname)
                from pg_catalog.pg_publication_rel r
                join pg_catalog.pg_class c on c.oid = r.prrelid
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where r.prpubid = p.oid
            ),
            (
                select 'schemas ' || pg_catalog.string_agg(n.nspname, ', ' order by n.nspname)
                from pg_catalog.pg_namespace n
                join pg_catalog.pg_publication_namespace s on s.pnnspid = n.oid -- before 15: join pg_catalog.pg_publication s on false
                where s.pnpubid = p.oid -- before 15: where false
            ))
    from pg_catalog.pg_publication p
    union all
    select a.tableoid, a.oid, 0, pg_catalog.concat_ws(' ', a.amtype, a.amhandler)
    from pg_catalog.pg_am a
    union all
    select t.tableoid, t.oid, 0, pg_catalog.concat_ws(', ', t.trffromsql, t.trftosql)
    from pg_catalog.pg_transform t
)
select
    o.class,
    o.object,
    i.type as kind,
    i.identity,
    case when o.owner <> 0 then pg_catalog.pg_get_userbyid(o.owner) end as owner,
    o.definition
from objects o, pg_catalog.pg_identify_object(o.class, o.object, 0) i
-- All numbers below come with PostgreSQL, and what depends internally comes with its object: the
-- cast from a range to its multirange.
where o.object >= 16384
    and not exists (
        select from pg_catalog.pg_depend d
        where d.classid = o.class and d.objid = o.object and d.deptype = 'i'
    )
