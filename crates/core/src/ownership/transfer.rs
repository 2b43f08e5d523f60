//! A table goes from one service to another: `migrate.toml` with that change, its comments and
//! layout kept.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, TomlError, value};

use crate::workspace::Transfer;

use super::{QualifiedPattern, table_name};

/// The text of `migrate.toml` after a transfer: the table is taken out of what one service owns
/// and put into what the other does, and noted with the last version that saw it as it was.
///
/// A glob that means the table stays, with `!table` beside it. Without a version, in an empty
/// history, nothing has to be noted.
pub fn transferred(text: &str, transfer: &Transfer, noted: bool) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let table = &transfer.table;
    let is_table = |text: &str| table_name(text) == table_name(table);
    let is_exception = |text: &str| text.strip_prefix('!').is_some_and(is_table);
    if let Some(owns) = list(&mut document, &transfer.from, "owns") {
        remove(owns, is_table);
        if is_meant(owns, table) {
            push(owns, &format!("!{table}"));
        }
    }
    if let Some(reads) = list(&mut document, &transfer.to, "reads") {
        remove(reads, is_table);
    }
    if let Some(owns) = list(&mut document, &transfer.to, "owns") {
        remove(owns, is_exception);
        if !is_meant(owns, table) {
            push(owns, table);
        }
    }
    if noted {
        note(&mut document, transfer);
    }
    Ok(document.to_string())
}

/// A service's list.
fn list<'d>(document: &'d mut DocumentMut, service: &str, key: &str) -> Option<&'d mut Array> {
    let services = document.get_mut("services")?.as_table_like_mut()?;
    let service = services.get_mut(service)?.as_table_like_mut()?;
    if key == "owns" && !service.contains_key(key) {
        service.insert(key, value(Array::new()));
    }
    service.get_mut(key)?.as_array_mut()
}

/// Takes items out, however they are written.
fn remove(array: &mut Array, is_meant: impl Fn(&str) -> bool) {
    let place = |array: &Array| {
        let mut items = array.iter();
        items.position(|item| item.as_str().is_some_and(&is_meant))
    };
    while let Some(index) = place(array) {
        remove_one(array, index);
    }
}

/// Takes an item out. The comment behind the item before it stands in front of this one.
fn remove_one(array: &mut Array, index: usize) {
    let before = prefix(array, index);
    array.remove(index);
    if index < array.len() {
        let after = match before.contains('\n') {
            true => head(&before).to_owned() + tail(&prefix(array, index)),
            false if index == 0 => before,
            false => prefix(array, index),
        };
        set_prefix(array, index, &after);
    } else if before.contains('\n') {
        let end = array.trailing().as_str().unwrap_or_default();
        let end = head(&before).to_owned() + tail(end);
        array.set_trailing(end);
    }
}

/// Adds an item that looks like the one before it.
fn push(array: &mut Array, text: &str) {
    let last = array.len();
    let end = array.trailing().as_str().unwrap_or_default().to_owned();
    array.push(text);
    let Some(before) = last.checked_sub(1) else {
        return;
    };
    let before = prefix(array, before);
    if before.contains('\n') {
        set_prefix(array, last, &(head(&end).to_owned() + tail(&before)));
        array.set_trailing(tail(&end));
    } else {
        set_prefix(array, last, " ");
    }
}

/// What stands in front of an item: white space, and the comment behind the one before it.
fn prefix(array: &Array, index: usize) -> String {
    let item = array.get(index);
    let prefix = item.and_then(|item| item.decor().prefix()?.as_str().map(str::to_owned));
    prefix.unwrap_or_default()
}

fn set_prefix(array: &mut Array, index: usize, prefix: &str) {
    if let Some(item) = array.get_mut(index) {
        item.decor_mut().set_prefix(prefix);
    }
}

/// The rest of the line of the item before.
fn head(text: &str) -> &str {
    &text[..text.find('\n').unwrap_or(0)]
}

/// What follows on lines of its own.
fn tail(text: &str) -> &str {
    &text[text.find('\n').unwrap_or(0)..]
}

/// Whether a list of names and globs means a table. An exception is one from globs: a table that
/// is named is meant.
fn is_meant(array: &Array, table: &str) -> bool {
    let name = table_name(table);
    let fits = |text: &str| QualifiedPattern::parse(text).is_ok_and(|pattern| pattern.fits(&name));
    let texts = || array.iter().filter_map(|item| item.as_str());
    let excepted = texts().any(|text| text.strip_prefix('!').is_some_and(fits));
    let by_glob = texts().any(|text| !text.starts_with('!') && fits(text));
    texts().any(|text| table_name(text) == name) || by_glob && !excepted
}

fn note(document: &mut DocumentMut, transfer: &Transfer) {
    let mut noted = Table::new();
    noted.insert("table", value(&transfer.table));
    noted.insert("from", value(&transfer.from));
    noted.insert("to", value(&transfer.to));
    noted.insert("after", value(&transfer.after));
    let transfers = document
        .entry("transfers")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    match transfers {
        Item::ArrayOfTables(transfers) => transfers.push(noted),
        // A list of inline tables means the same.
        Item::Value(list) => {
            if let Some(list) = list.as_array_mut() {
                list.push(noted.into_inline_table());
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(text: &str) -> String {
        let transfer = Transfer {
            table: "tokens".to_owned(),
            from: "auth".to_owned(),
            to: "post".to_owned(),
            after: "20240101".to_owned(),
            location: None,
        };
        transferred(text, &transfer, true).expect("it is TOML")
    }

    #[test]
    fn comments_and_layout_are_kept() {
        let text = "# ours\n[services.auth] # a\nowns = [\n  \"users\", # people\n  \
                    \"tokens\",\n]\n\n[services.post]\nowns = [\n  \"posts\",\n]\nreads = [\"users\", \"tokens\"]\n";
        insta::assert_snapshot!(moved(text), @r#"
        # ours
        [services.auth] # a
        owns = [
          "users", # people
        ]

        [services.post]
        owns = [
          "posts",
          "tokens",
        ]
        reads = ["users"]

        [[transfers]]
        table = "tokens"
        from = "auth"
        to = "post"
        after = "20240101"
        "#);
    }

    #[test]
    fn a_glob_stays_and_is_excepted_from() {
        let text = "[services.auth]\nowns = [\"tok*\"]\n[services.post]\n";
        insta::assert_snapshot!(moved(text), @r#"
        [services.auth]
        owns = ["tok*", "!tokens"]
        [services.post]
        owns = ["tokens"]

        [[transfers]]
        table = "tokens"
        from = "auth"
        to = "post"
        after = "20240101"
        "#);
    }

    #[test]
    fn a_name_counts_beside_a_glob_that_is_excepted() {
        let text =
            "[services.auth]\nowns = [\"tokens\"]\n[services.post]\nowns = [\"to*\", \"!tok*\"]\n";
        assert!(moved(text).contains(r#"owns = ["to*", "!tok*", "tokens"]"#));
    }

    #[test]
    fn back_again_takes_the_exception_away() {
        let text = "[services.auth]\nowns = [\"tokens\"]\n[services.post]\nowns = [\"to*\", \"!tokens\"]\n";
        insta::assert_snapshot!(moved(text), @r#"
        [services.auth]
        owns = []
        [services.post]
        owns = ["to*"]

        [[transfers]]
        table = "tokens"
        from = "auth"
        to = "post"
        after = "20240101"
        "#);
    }
}
