// The part of the history that organization works with: its own tables.

diesel::table! {
    audit_entries (id) {
        id -> Int8,
        tenant_id -> Uuid,
        table_name -> Text,
        row_id -> Uuid,
        action -> Text,
        old_row -> Nullable<Jsonb>,
        new_row -> Nullable<Jsonb>,
        changed_by -> Text,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    organizations (id) {
        id -> Uuid,
        name -> Text,
        slug -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    projects (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        name -> Text,
        description -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::joinable!(projects -> organizations (tenant_id));

diesel::allow_tables_to_appear_in_same_query!(audit_entries, organizations, projects,);
