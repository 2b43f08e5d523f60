// The part of the history that auth works with: its own tables.

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

diesel::joinable!(third_party_integrations -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(third_party_integrations, users,);
