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
    use super::*;

    #[test]
    fn arrays_are_read_as_postgresql_writes_them() {
        assert_eq!(text_array("{}"), Vec::<String>::new());
        assert_eq!(
            text_array(r#"{plain,"a,b","c\"d\\e",""}"#),
            ["plain", "a,b", r#"c"d\e"#, ""]
        );
        assert_eq!(text_array(r#"{"{brace}"}"#), ["{brace}"]);
        assert_eq!(text_array("{auth,post}"), ["auth", "post"]);
    }
}
