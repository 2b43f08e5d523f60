// The tables of service {service}.

diesel::table! {
    accounts (id) {
        id -> Int8,
        email -> Text,
        created_at -> Timestamptz,
    }
}
