//! What is wrong with a text of JSON, in words that name what was expected, what was found and where.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// A field that an entry of a list is read of.
pub struct Field {
    name: &'static str,
    /// What its value is, in words.
    expected: &'static str,
    needed: bool,
    reads: fn(&str) -> bool,
}

fn reads<T: DeserializeOwned>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}

/// A field that each entry has.
pub const fn needed<T: DeserializeOwned>(name: &'static str, expected: &'static str) -> Field {
    Field { name, expected, needed: true, reads: reads::<T> }
}

/// A field that may be missing, or `null`.
pub const fn optional<T: DeserializeOwned>(name: &'static str, expected: &'static str) -> Field {
    Field { name, expected, needed: false, reads: reads::<Option<T>> }
}

type Named<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// Names and values of an object, in its order; none of other values.
pub fn fields(text: &str) -> Option<Named<'_>> {
    struct All<'a>(Named<'a>);

    struct Read;

    impl<'a> Visitor<'a> for Read {
        type Value = All<'a>;

        fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
            out.write_str("an object")
        }

        fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<All<'a>, M::Error> {
            let mut all = Vec::new();
            while let Some(field) = map.next_entry::<Cow<'a, str>, &'a RawValue>()? {
                all.push(field);
            }
            Ok(All(all))
        }
    }

    impl<'a> Deserialize<'a> for All<'a> {
        fn deserialize<D: Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
            from.deserialize_map(Read)
        }
    }

    serde_json::from_str::<All<'_>>(text).ok().map(|all| all.0)
}

/// What is wrong with an entry that cannot be read: each of its fields that is missing, of another kind, or there twice.
pub fn of_entry(text: &str, fields: &Named<'_>, known: &[Field]) -> Vec<String> {
    if !text.starts_with('{') {
        return vec![format!("expected an object, found {}", shortened(text))];
    }
    let of_field = |field: &Field| {
        let Field { name, expected, .. } = field;
        let mut values = fields.iter().filter(|(other, _)| other == name).map(|(_, value)| value.get());
        let first = values.next();
        if values.next().is_some() {
            return Some(format!("expected `{name}` once, found it again"));
        }
        let found = match first {
            None if field.needed => "none",
            Some(value) if !(field.reads)(value) => value,
            _ => return None,
        };
        let found = if found == "null" { "none" } else { found };
        Some(format!("expected {expected} as `{name}`, found {}", shortened(found)))
    };
    let found: Vec<String> = known.iter().filter_map(of_field).collect();
    if found.is_empty() { vec![format!("expected another object, found {}", shortened(text))] } else { found }
}

/// Why the lists of a file of annotations cannot be told apart.
pub fn of_lists(text: &[u8], error: &serde_json::Error, names: [&str; 3]) -> Vec<String> {
    if error.classify() != Category::Data {
        return vec![of_file(text, error)];
    }
    let Some(fields) = str::from_utf8(text).ok().and_then(fields) else {
        let [first, second, third] = names;
        return vec![format!(
            "expected an object with lists of `{first}`, `{second}` and `{third}`, found {}",
            kind(text)
        )];
    };
    let of_name = |name: &str| {
        // The last one counts, as for other readers of JSON.
        let found = fields.iter().rfind(|(other, _)| other == name);
        let found = found.map_or("none", |(_, value)| kind(value.get().as_bytes()));
        (found != LIST).then(|| format!("expected a list of `{name}`, found {found}"))
    };
    names.into_iter().filter_map(of_name).collect()
}

/// Why a file of results is no list.
pub fn of_list(text: &[u8], error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => format!("expected a list of results, found {}", kind(text)),
        _ => of_file(text, error),
    }
}

/// Characters of a text that is no JSON.
const SHOWN: usize = 12;

/// Why a file as a whole is no JSON.
fn of_file(text: &[u8], error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    if text.is_empty() {
        "expected JSON, found an empty file".into()
    } else if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        "expected JSON in UTF-8, found UTF-16".into()
    } else if error.is_eof() {
        format!("expected JSON up to its end, found the end of the file at line {line}, column {column}")
    } else {
        // Of a line break within a text the parser knows the place before, so that more than one character is shown.
        let lines = text.split_inclusive(|&byte| byte == b'\n').take(line.saturating_sub(1));
        let place = lines.map(<[u8]>::len).sum::<usize>() + column.saturating_sub(1);
        let found: String =
            String::from_utf8_lossy(text.get(place..(place + 4 * SHOWN).min(text.len())).unwrap_or_default())
                .chars()
                .take(SHOWN)
                .collect();
        format!("expected JSON, found {found:?} at line {line}, column {column}")
    }
}

const LIST: &str = "a list";

/// What a value of valid JSON is.
fn kind(text: &[u8]) -> &'static str {
    match text.trim_ascii_start().first() {
        Some(b'[') => LIST,
        Some(b'{') => "an object",
        Some(b'"') => "a text",
        Some(b'n') => "none",
        Some(b't' | b'f') => "true or false",
        _ => "a number",
    }
}

/// Characters of a value.
const LONGEST: usize = 40;

/// The beginning of a text, with the codes of characters that one cannot see.
pub fn shortened(text: &str) -> String {
    let mut shown = String::new();
    let mut chars = text.chars();
    for one in chars.by_ref().take(LONGEST) {
        match one {
            '"' | '\'' | '\\' => shown.push(one),
            _ => shown.extend(one.escape_debug()),
        }
    }
    shown + if chars.next().is_some() { "..." } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shortened_and_hidden_characters_shown() {
        assert_eq!(shortened(r#"["a\n", 'b']"#), r#"["a\n", 'b']"#);
        assert_eq!(shortened("a\n\u{202e}b"), r"a\n\u{202e}b");
        assert_eq!(shortened(&"ä".repeat(40)), "ä".repeat(40));
        assert_eq!(shortened(&"ä".repeat(41)), format!("{}...", "ä".repeat(40)));
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_never_passed_over() {
        assert_eq!(of_entry("{}", &Vec::new(), &[]), ["expected another object, found {}"]);
    }

    #[test]
    fn values_are_named_by_what_they_are() {
        let texts = ["[]", " {}", "\n\"a\"", "null", "true", "false", "-1", "2.5"];
        let kinds =
            [LIST, "an object", "a text", "none", "true or false", "true or false", "a number", "a number"];
        assert_eq!(texts.map(|text| kind(text.as_bytes())), kinds);
    }
}
