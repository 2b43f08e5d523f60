//! A corpus of attacks on what is another service's, and of histories that only look like it.

mod attack;
mod attacks_bodies;
mod attacks_everybodys;
mod attacks_names;
mod attacks_objects;
mod attacks_reads;
mod attacks_rows;
mod attacks_settings;
mod attacks_tables;
mod attacks_text;
mod attacks_unseen;
mod harmless;
mod harmless_histories;
mod harmless_lookalikes;
mod harmless_parts;
mod victim;
