//! Arrays of text.

/// The items of a `text[]` without NULLs, as PostgreSQL writes it (the manual's 8.15.6).
pub fn text_array(text: &str) -> Vec<String> {
    let inner = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
        .unwrap_or(text);
    let mut items = Vec::new();
    if inner.is_empty() {
        return items;
    }
    let mut item = String::new();
    let mut quoted = false;
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' => item.extend(characters.next()),
            ',' if !quoted => items.push(std::mem::take(&mut item)),
            c => item.push(c),
        }
    }
    items.push(item);
    items
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arrays_are_read_as_postgresql_writes_them() {
        for (text, items) in [
            ("{}", &[][..]),
            (r#"{""}"#, &[""]),
            (
                r#"{plain,"a,b","c\"d\\e",""}"#,
                &["plain", "a,b", r#"c"d\e"#, ""],
            ),
            (r#"{"{brace}"}"#, &["{brace}"]),
            ("{auth,post}", &["auth", "post"]),
            // A text of this name; SQL's NULL has no quotes.
            (r#"{"NULL","null"}"#, &["NULL", "null"]),
            ("{ä,\"日 本\"}", &["ä", "日 本"]),
        ] {
            assert_eq!(text_array(text), items, "{text}");
        }
    }

    /// As `array_out` in PostgreSQL's `arrayfuncs.c` does.
    fn written(items: &[String]) -> String {
        let items: Vec<String> = items.iter().map(|item| written_item(item)).collect();
        format!("{{{}}}", items.join(","))
    }

    fn written_item(item: &str) -> String {
        const SPECIAL: [char; 11] = [
            '"', '\\', '{', '}', ',', ' ', '\t', '\n', '\r', '\u{b}', '\u{c}',
        ];
        if !item.is_empty() && !item.eq_ignore_ascii_case("null") && !item.contains(SPECIAL) {
            return item.to_owned();
        }
        format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\""))
    }

    /// Texts in which what an array is written with is not rare.
    fn item() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[\"\\\\{},a ]{0,6}",
            "(?i)null",
            "[ä日\t\n]{1,3}"
        ]
    }

    proptest! {
        #![proptest_config(crate::property::config())]

        #[test]
        fn every_array_comes_back_as_it_was_written(items in prop::collection::vec(item(), 0..6)) {
            prop_assert_eq!(text_array(&written(&items)), items);
        }

        #[test]
        fn no_text_makes_reading_panic(text in prop_oneof![any::<String>(), "[{}\"\\\\,ä]{0,12}"]) {
            text_array(&text);
        }
    }
}
