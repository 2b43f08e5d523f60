-- Functions, procedures, aggregates and window functions.
select
    p.oid,
    n.nspname as schema,
    p.proname as name,
    pg_catalog.pg_get_function_identity_arguments(p.oid) as arguments,
    p.prokind as kind,
    pg_catalog.pg_get_userbyid(p.proowner) as owner,
    l.lanname as language,
    pg_catalog.pg_get_function_result(p.oid) as returns,
    case
        -- PostgreSQL has no function for this one.
        when p.prokind = 'a' then pg_catalog.format(
            'CREATE AGGREGATE %I.%I(%s) (%s)',
            n.nspname,
            p.proname,
            pg_catalog.pg_get_function_arguments(p.oid),
            pg_catalog.concat_ws(
                ', ',
                'SFUNC = ' || a.aggtransfn::pg_catalog.text,
                'STYPE = ' || pg_catalog.format_type(a.aggtranstype, null),
                'SSPACE = ' || nullif(a.aggtransspace, 0)::pg_catalog.text,
                'FINALFUNC = ' || nullif(a.aggfinalfn::pg_catalog.text, '-'),
                case when a.aggfinalextra then 'FINALFUNC_EXTRA' end,
                'FINALFUNC_MODIFY = ' || case a.aggfinalmodify
                    when 'r' then 'READ_ONLY' when 's' then 'SHAREABLE' else 'READ_WRITE'
                end,
                'COMBINEFUNC = ' || nullif(a.aggcombinefn::pg_catalog.text, '-'),
                'SERIALFUNC = ' || nullif(a.aggserialfn::pg_catalog.text, '-'),
                'DESERIALFUNC = ' || nullif(a.aggdeserialfn::pg_catalog.text, '-'),
                'INITCOND = ' || pg_catalog.quote_literal(a.agginitval),
                'MSFUNC = ' || nullif(a.aggmtransfn::pg_catalog.text, '-'),
                'MINVFUNC = ' || nullif(a.aggminvtransfn::pg_catalog.text, '-'),
                case when a.aggmtranstype <> 0
                    then 'MSTYPE = ' || pg_catalog.format_type(a.aggmtranstype, null) end,
                'MSSPACE = ' || nullif(a.aggmtransspace, 0)::pg_catalog.text,
                'MFINALFUNC = ' || nullif(a.aggmfinalfn::pg_catalog.text, '-'),
                case when a.aggmfinalextra then 'MFINALFUNC_EXTRA' end,
                case when a.aggmtransfn <> 0 then 'MFINALFUNC_MODIFY = ' || case a.aggmfinalmodify
                    when 'r' then 'READ_ONLY' when 's' then 'SHAREABLE' else 'READ_WRITE'
                end end,
                'MINITCOND = ' || pg_catalog.quote_literal(a.aggminitval),
                case when a.aggsortop <> 0
                    then 'SORTOP = ' || a.aggsortop::pg_catalog.regoper::pg_catalog.text end,
                'PARALLEL = ' || case p.proparallel
                    when 's' then 'SAFE' when 'r' then 'RESTRICTED' else 'UNSAFE'
                end,
                case when a.aggkind = 'h' then 'HYPOTHETICAL' end
            )
        )
        else pg_catalog.pg_get_functiondef(p.oid)
    end as definition
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
left join pg_catalog.pg_aggregate a on a.aggfnoid = p.oid
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    -- The constructors of ranges come with the range.
    and not exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
            and d.objid = p.oid
            and d.deptype = 'i'
    )
