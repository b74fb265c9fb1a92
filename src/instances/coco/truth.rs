//! Whether something is so.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// What is expected of it.
pub const TRUTH: &str = "0 or 1";

/// 0 or 1, or `false` or `true`, as some tools write it.
#[derive(Clone, Copy, Debug)]
pub struct Truth(pub bool);

impl<'a> Deserialize<'a> for Truth {
    fn deserialize<D: Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        struct Read;

        impl Visitor<'_> for Read {
            type Value = Truth;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str(TRUTH)
            }

            fn visit_bool<E>(self, found: bool) -> Result<Truth, E> {
                Ok(Truth(found))
            }

            fn visit_u64<E: Error>(self, found: u64) -> Result<Truth, E> {
                if found > 1 { Err(E::custom(TRUTH)) } else { Ok(Truth(found == 1)) }
            }

            #[allow(clippy::float_cmp, reason = "both are exact")]
            fn visit_f64<E: Error>(self, found: f64) -> Result<Truth, E> {
                if found == 0.0 || found == 1.0 { Ok(Truth(found == 1.0)) } else { Err(E::custom(TRUTH)) }
            }
        }

        from.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_0_or_1_in_any_form_and_nothing_else() {
        let read = |text| serde_json::from_str::<Truth>(text).ok().map(|truth| truth.0);
        assert_eq!(["0", "false", "0.0", "-0"].map(read), [Some(false); 4]);
        assert_eq!(["1", "true", "1.0", "1e0"].map(read), [Some(true); 4]);
        assert_eq!(["2", "-1", "0.5", "\"1\"", "null", "[1]", "18446744073709551617"].map(read), [None; 7]);
    }
}
