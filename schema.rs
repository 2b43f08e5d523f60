// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "post_status"))]
    pub struct PostStatus;
}

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
    use diesel::sql_types::*;
    use super::sql_types::PostStatus;

    posts (id) {
        id -> Uuid,
        author_id -> Uuid,
        title -> Text,
        body -> Text,
        status -> PostStatus,
        published_at -> Nullable<Timestamptz>,
        tags -> Array<Nullable<Text>>,
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

diesel::table! {
    third_party_integrations (id) {
        id -> Uuid,
        user_id -> Uuid,
        provider -> Text,
        external_id -> Text,
        scopes -> Array<Nullable<Text>>,
        sealed_secret -> Nullable<Bytea>,
        sealed_with -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        display_name -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::joinable!(posts -> users (author_id));
diesel::joinable!(projects -> organizations (tenant_id));
diesel::joinable!(third_party_integrations -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    audit_entries,
    organizations,
    posts,
    projects,
    third_party_integrations,
    users,
);
