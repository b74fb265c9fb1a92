//! The text of a mask: polygons, run lengths as numbers or as a string, or nothing.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::super::Masks;
use super::wording::{Field, fields, needed, of_entry, shortened};

/// Reads masks one after the other, in memory that it keeps.
#[derive(Default)]
pub struct MaskReader {
    numbers: Vec<f64>,
    ends: Vec<usize>,
    text: Vec<u8>,
}

#[derive(Deserialize)]
struct RunLengths<'a> {
    size: [u32; 2],
    #[serde(borrow)]
    counts: &'a RawValue,
}

const RUN_LENGTHS: [Field; 2] = [
    needed::<[u32; 2]>("size", "the height and the width of a mask"),
    needed::<IgnoredAny>("counts", "run lengths"),
];

impl MaskReader {
    /// Add the mask of a text of JSON, and say whether there is one: nothing or an empty list is none, for which an
    /// empty mask is added.
    ///
    /// # Errors
    ///
    /// What was expected and what was found, as a text.
    pub fn read(&mut self, text: Option<&RawValue>, masks: &mut Masks) -> Result<bool, String> {
        let text = text.map_or("null", RawValue::get);
        match text.as_bytes().first() {
            Some(b'[') => self.polygons(text, masks),
            Some(b'{') => self.run_lengths(text, masks).map(|()| true),
            Some(b'n') => Ok(self.nothing(masks)),
            _ => Err(format!("expected polygons or run lengths, found {}", shortened(text))),
        }
    }

    /// Add an empty mask, for an object that has none; it is no mask.
    #[allow(clippy::unused_self, reason = "who reads also says what nothing is")]
    pub(super) fn nothing(&self, masks: &mut Masks) -> bool {
        let all = i64::from(masks.size().pixels());
        let pushed = masks.push_counts([all].into_iter());
        debug_assert_eq!(pushed, Ok(()));
        false
    }

    fn polygons(&mut self, text: &str, masks: &mut Masks) -> Result<bool, String> {
        self.numbers.clear();
        self.ends.clear();
        let bytes = text.as_bytes();
        let (mut at, mut depth, mut first) = (0, 0_u32, 0);
        while at < bytes.len() {
            match bytes[at] {
                b'[' => {
                    depth += 1;
                    first = self.numbers.len();
                    at += 1;
                }
                b']' => {
                    if depth == 2 {
                        self.ends.push(self.numbers.len());
                    } else if self.numbers.len() > first {
                        return Err(format!("expected lists of points, found {}", shortened(text)));
                    }
                    depth -= 1;
                    first = self.numbers.len();
                    at += 1;
                }
                b',' | b' ' | b'\n' | b'\r' | b'\t' => at += 1,
                b'-' | b'0'..=b'9' if depth == 2 => self.numbers.push(number(text, &mut at)),
                _ => return Err(format!("expected lists of points, found {}", shortened(text))),
            }
            if depth > 2 {
                return Err(format!("expected lists of points, found {}", shortened(text)));
            }
        }
        if self.ends.is_empty() {
            return Ok(self.nothing(masks));
        }
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let polygons: Vec<&[f64]> =
            starts.zip(&self.ends).map(|(start, &end)| &self.numbers[start..end]).collect();
        masks.push_polygons(&polygons).map_err(|fault| fault.to_string())?;
        Ok(true)
    }

    fn run_lengths(&mut self, text: &str, masks: &mut Masks) -> Result<(), String> {
        let lengths: RunLengths = serde_json::from_str(text).map_err(|_| {
            let found = fields(text).unwrap_or_default();
            of_entry(text, &found, &RUN_LENGTHS).join("; ")
        })?;
        let size = masks.size();
        let [height, width] = lengths.size;
        if [height, width] != [size.height(), size.width()] {
            return Err(format!(
                "expected a mask of {} x {}, as its image is, found {height} x {width}",
                size.height(),
                size.width(),
            ));
        }
        let counts = lengths.counts.get();
        let inner = counts.as_bytes();
        if inner.first() != Some(&b'"') {
            let counts: Vec<i64> = serde_json::from_str(counts)
                .map_err(|_| format!("expected run lengths, found {}", shortened(counts)))?;
            return masks.push_counts(counts.into_iter()).map_err(|fault| fault.to_string());
        }
        let inner = &inner[1..inner.len() - 1];
        let pushed = if inner.contains(&b'\\') {
            self.text.clear();
            if !unescaped(inner, &mut self.text) {
                let text: String = serde_json::from_str(counts)
                    .map_err(|_| format!("expected run lengths, found {}", shortened(counts)))?;
                self.text = text.into_bytes();
            }
            masks.push_string(&self.text)
        } else {
            masks.push_string(inner)
        };
        pushed.map_err(|fault| fault.to_string())
    }
}

/// Copy a string of JSON whose only escape is that of the backslash; say whether it is.
fn unescaped(inner: &[u8], text: &mut Vec<u8>) -> bool {
    let mut bytes = inner.iter();
    while let Some(&byte) = bytes.next() {
        if byte == b'\\' && bytes.next() != Some(&b'\\') {
            return false;
        }
        text.push(byte);
    }
    true
}

/// Powers of ten that doubles hold exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Digits that make an integer of 64 bits, whichever they are.
const DIGITS: usize = 19;

/// The number at a place of valid JSON, correctly rounded, and the place behind it. Digits that make an integer below
/// 2^53, over a power of ten, are exact by one division; all others are left to the standard library.
fn number(text: &str, at: &mut usize) -> f64 {
    let bytes = text.as_bytes();
    let start = *at;
    let negative = bytes[start] == b'-';
    let mut place = start + usize::from(negative);
    let mut value = 0_u64;
    let mut digits = |place: &mut usize| {
        let first = *place;
        while let Some(digit) =
            bytes.get(*place).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit < 10)
        {
            value = value.wrapping_mul(10).wrapping_add(digit.into());
            *place += 1;
        }
        *place - first
    };
    let whole = digits(&mut place);
    let mut decimals = 0;
    if bytes.get(place) == Some(&b'.') {
        place += 1;
        decimals = digits(&mut place);
    }
    let simple = !matches!(bytes.get(place), Some(b'e' | b'E'));
    if simple && whole + decimals <= DIGITS && value < 1 << 53 {
        *at = place;
        #[allow(clippy::cast_precision_loss, reason = "it is below 2^53")]
        let number = value as f64 / TENS[decimals];
        return if negative { -number } else { number };
    }
    while matches!(bytes.get(place), Some(b'0'..=b'9' | b'e' | b'E' | b'+' | b'-' | b'.')) {
        place += 1;
    }
    *at = place;
    text[start..place].parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instances::Size;

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        for text in [
            "0",
            "-0",
            "7",
            "12.5",
            "-3.25",
            "0.1",
            "319.77",
            "1e3",
            "-2.5E-4",
            "9007199254740993",
            "0.30000000000000004",
            "123456789.123456789",
            "1e400",
            "0.00000000000000000000000000001",
            "18446744073709551616",
        ] {
            let mut at = 0;
            assert_eq!(number(text, &mut at).to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
            assert_eq!(at, text.len());
        }
    }

    fn read(text: &str) -> Result<(bool, Vec<u32>), String> {
        let mut masks = Masks::new(Size::new(5, 10, 100).unwrap());
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        let is_mask = MaskReader::default().read(Some(&raw), &mut masks)?;
        Ok((is_mask, masks.counts(0).collect()))
    }

    #[test]
    fn masks_are_read_in_every_form() {
        for text in [
            r#"{"size":[5,10],"counts":"34[1"}"#,
            r#"{"counts": [3, 4, 43], "size": [5, 10]}"#,
            r#"{"size":[5,10],"counts":"34\u005b1"}"#,
            r"[[0, 3, 1, 3, 1, 5, 0, 5], [1,0,2,0, 2.0,2,1e0,2]]",
        ] {
            assert_eq!(read(text), Ok((true, vec![3, 4, 43])), "{text}");
        }
        assert_eq!(read("[]"), Ok((false, vec![50])));
        assert_eq!(read("null"), Ok((false, vec![50])));
    }

    #[test]
    fn backslashes_of_strings_are_unescaped() {
        let mut text = Vec::new();
        assert!(unescaped(br"a\\b\\", &mut text) && text == br"a\b\");
        assert!(!unescaped(br"a\u005b", &mut Vec::new()) && !unescaped(br"\", &mut Vec::new()));
    }

    #[test]
    fn what_is_no_mask_is_refused() {
        for (text, message) in [
            ("7", "expected polygons or run lengths, found 7"),
            ("[1, 2, 3, 4, 5, 6]", "expected lists of points, found [1, 2, 3, 4, 5, 6]"),
            ("[[1, 2, \"3\"]]", "expected lists of points, found [[1, 2, \"3\"]]"),
            ("[[[1, 2]]]", "expected lists of points, found [[[1, 2]]]"),
            ("[[1, 2, 3, 4]]", "expected polygons of three points or more, found 4 numbers"),
            ("{\"size\":[5,10]}", "expected run lengths as `counts`, found none"),
            (
                "{\"size\":[5,-10],\"counts\":[50]}",
                "expected the height and the width of a mask as `size`, found [5,-10]",
            ),
            (
                "{\"size\":5}",
                "expected the height and the width of a mask as `size`, found 5; expected run lengths as `counts`, found none",
            ),
            ("{\"size\":[5,10],\"counts\":[50],\"size\":[5,10]}", "expected `size` once, found it again"),
            ("{\"size\":[5,10],\"counts\":\"\\ud800\"}", "expected run lengths, found \"\\ud800\""),
            ("{\"size\":[10,5],\"counts\":\"\"}", "expected a mask of 5 x 10, as its image is, found 10 x 5"),
            ("{\"size\":[5,10],\"counts\":[3.5]}", "expected run lengths, found [3.5]"),
            (
                "{\"size\":[5,10],\"counts\":\"3\"}",
                "expected run lengths that add up to 5 x 10 = 50 pixels, found 3",
            ),
        ] {
            assert_eq!(read(text), Err(message.to_owned()));
        }
    }
}
