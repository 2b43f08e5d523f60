select coalesce(pg_catalog.jsonb_object_agg(w.oid, pg_catalog.jsonb_build_array(w.inserted + w.updated, w.updated + w.deleted, w.deleted, w.moved))
                filter (where w.inserted + w.updated + w.deleted > 0), '{}')
       || pg_catalog.jsonb_build_object('oldest', pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::pg_catalog.text)
  from (select c.oid, pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) as inserted,
               pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) as updated,
               pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) as deleted,
               pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) - pg_catalog.pg_stat_get_xact_tuples_hot_updated(c.oid) as moved
          from pg_catalog.pg_class c where c.relkind in ('r', 'm')) w
