// @generated automatically by Diesel CLI.

diesel::table! {
    accounts (id) {
        id -> Int8,
        email -> Text,
        created_at -> Timestamptz,
    }
}
