-- What the migration changed of what other services own, and the error about it. PL/pgSQL, since
-- the server itself has to decide: what has to be rolled back is in the same message as this.
--
-- The rows of the catalogs before the file come out of a cursor that was declared then: it keeps
-- that moment's snapshot, and reads nothing until now.
declare
    mandate constant jsonb := {mandate};
    -- Rules for one name by class, schema and name; thousands of them must cost nothing.
    names constant jsonb := mandate -> 'names';
    -- Gives the columns of those after it their names and types.
    no_row constant text := 'select null::text as catalog, null::oid as object, null::int as part, null::oid as relation, null::text as name, null::oid as parent, null::jsonb as facts, null::bigint as xid where false union all ';
    -- What a constraint has from the index and the columns it refers to, and a comment from what it
    -- is about.
    derived constant text[] := '{conindid,conparentid,conpfeqop,conppeqop,conffeqop,objoid}';
    -- Whether rows are compared whatever transaction wrote them: the statement had its own.
    whole constant boolean := {whole};
    -- Whether a new file node may come of VACUUM FULL or CLUSTER and mean nothing.
    same_files constant boolean := {same_files};
    counting constant boolean := {counting} and current_setting('track_counts')::boolean;
    before_cursor constant refcursor := {before};
    counts_cursor constant refcursor := {counts};
    counts jsonb := '{}';
    before jsonb;
    after jsonb;
    still jsonb;
    gone text[];
    -- Which relations' columns to read; all when null.
    altered oid[];
    columns_added bigint;
    top bigint := pg_current_xact_id_if_assigned()::text::bigint;
    -- No id that is as high as this, or higher, has been given to any transaction.
    coming bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    step bigint := 1;
    given bigint := coming - 1;
    touched text;
    ended text;
    -- The catalogs that are everybody's, and were written.
    counted text;
    swayed jsonb := '[]';
    strange jsonb := '[]';
    used jsonb := '[]';
    touched_names text;
    fresh oid[];
    same oid[];
    ended_triggers oid[];
    suspicious boolean := true;
    rows_written boolean;
    doubt record;
    found_some boolean;
    dangling jsonb := '[]';
    breaches jsonb;
begin
    if (select count(*) from pg_cursors where name in ({before}, {counts})) <> {cursors} then
        raise exception using errcode = 'MG002', message = 'the migration closed the cursors of its guard';
    end if;
    -- Only rows need foreign keys. Set back by name the setting still tells that it was set; by
    -- RESET it does not, and then there may be rows that refer to nothing.
    rows_written := exists (
        select from pg_locks
         where pid = pg_backend_pid() and locktype = 'relation' and mode = 'RowExclusiveLock' and relation >= 16384);
    if mandate ->> 'impartial' = 'false'
       and (current_setting('session_replication_role') = 'replica'
            or rows_written and exists (select from pg_settings where name = 'session_replication_role' and source = 'session')) then
        raise exception using errcode = 'MG004', message = 'the migration set session_replication_role';
    end if;
    if not whole then
        fetch first from counts_cursor into counts;
        -- A catalog that nothing was written into need not be read.
        select string_agg('[' || relname::text || ']', '') filter (where not counting or w.added > coalesce((counts -> oid::text ->> 0)::bigint, 0)),
               string_agg('[' || relname::text || ']', '') filter (where not counting or w.ended > coalesce((counts -> oid::text ->> 1)::bigint, 0))
          into touched, ended
          from pg_class,
               lateral (select pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid) as added,
                               pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid) as ended) w
         where relnamespace = 'pg_catalog'::regnamespace and relname = any ({catalogs});
        select string_agg('[' || relname::text || ']', '') into counted
          from pg_class,
               lateral (select pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid) as added,
                               pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid) as ended) w
         where relnamespace = 'pg_catalog'::regnamespace and relname = any ({counted})
           and (not counting or w.added > coalesce((counts -> oid::text ->> 0)::bigint, 0)
                or w.ended > coalesce((counts -> oid::text ->> 1)::bigint, 0));
        perform set_config('migrate.ended', coalesce(ended, ''), true);
        {bounds}
        if touched is null and ended is null and counted is null and not exists (
                select from pg_locks
                 where pid = pg_backend_pid() and locktype = 'relation' and mode = 'RowExclusiveLock') then
            return;
        end if;
        -- There are ten times as many columns as there is of anything else. Those that were written
        -- are of relations that we have locked, unless somebody wrote them otherwise: then there
        -- are fewer of them there than were written in all.
        columns_added := pg_stat_get_xact_tuples_inserted('pg_attribute'::regclass) + pg_stat_get_xact_tuples_updated('pg_attribute'::regclass)
                         - coalesce((counts -> 'pg_attribute'::regclass::oid::text ->> 0)::bigint, 0);
        if counting and columns_added > 0 then
            altered := array(select distinct relation from pg_locks
                              where pid = pg_backend_pid() and locktype = 'relation'
                                and mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'));
            if (select count(*) from pg_attribute where attrelid = any (altered) and {ours}) <> columns_added then
                altered := null;
            end if;
        end if;
    end if;
    fetch next from before_cursor into before;
    if not found then
        raise exception using errcode = 'MG002', message = 'the migration read the cursors of its guard';
    end if;
    if whole then
        select coalesce(jsonb_agg(to_jsonb(state)), '[]') into after from ({all}) state;
    elsif touched is null then
        after := '[]';
    else
        -- Of the catalogs that were written only: the planner takes its time for each.
        execute 'select coalesce(jsonb_agg(to_jsonb(state)), ''[]'') from (' || no_row
                || (select string_agg(case when altered is not null and name = 'pg_attribute' then {altered} else query end, ' union all ')
                      from (values {after}) q (name, query)
                     where strpos(touched, '[' || name || ']') > 0)
                || ') state' into after using altered;
    end if;
    if not whole then
        {own}
    end if;
    if mandate ->> 'impartial' = 'false' then
        -- Whoever calls it has triggers and foreign keys asleep, and no trace of it stays.
        if exists (
                select from jsonb_array_elements(after) r
                 where r ->> 'catalog' = 'pg_proc' and lower(r -> 'facts' ->> 'proconfig') like '%session_replication_role=%'
                   and not exists (select from jsonb_array_elements(before) b where b -> 'facts' -> 'proconfig' = r -> 'facts' -> 'proconfig')) then
            raise exception using errcode = 'MG004', message = 'the migration set session_replication_role';
        end if;
        {everybodys}
    end if;
    if not whole then
        {strangers}
    end if;
    if not whole and mandate -> 'services' <> '[]' and after <> '[]' then
        {works_with}
    end if;
    if not whole then
        {suspicious}
    end if;
    if rows_written and counting and not whole then
        {dangling}
    end if;
    if suspicious or dangling <> '[]' or strange <> '[]' or used <> '[]' or swayed <> '[]' then
        {compare}
    end if;
    if breaches is not null then
        raise exception using
            -- What a statement with transactions of its own has done, stays.
            errcode = case when whole then 'MG003' else 'MG001' end,
            message = (
                select 'changed what other services own: ' || string_agg(
                           format('%s %s of %s: %s', b ->> 'kind', b ->> 'name',
                                  (select coalesce(string_agg(s, ', '), 'no service') from jsonb_array_elements_text(b -> 'services') s),
                                  (select string_agg(w, ', ') from jsonb_array_elements_text(b -> 'words') w)),
                           '; ')
                  from jsonb_array_elements(breaches) b),
            detail = breaches::text;
    end if;
end
