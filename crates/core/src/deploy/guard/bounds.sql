-- The ids of this transaction and of its parts lie between its own and the next to be given. Those
-- of catalog rows that are older than half of all ids look as if they came later still: freezing
-- leaves an id as it is. A snapshot does not say what is next, it has seen only ids that ended; but
-- pg_xact_status takes none from the future.
        loop
            begin
                perform pg_xact_status(coming::text::xid8);
                given := coming;
                coming := coming + step;
                step := step * 2;
            exception when invalid_parameter_value then
                exit;
            end;
        end loop;
        while coming - given > 1 loop
            begin
                perform pg_xact_status(((given + coming) / 2)::text::xid8);
                given := (given + coming) / 2;
            exception when invalid_parameter_value then
                coming := (given + coming) / 2;
            end;
        end loop;
        perform set_config('migrate.newest', coalesce(top - given, 1)::text, true);
        -- Others that ended a row which the cursor saw were running then, or began later.
        perform set_config('migrate.oldest', age((counts ->> 'oldest')::xid8::xid)::text, true);
