//! The generated types, and the table of the names that the standard gives their parts. Nothing of this leaves the
//! crate: outside, a message is a [`crate::model`] value, bytes, or JSON.

use crate::shape::{Component, Named, Open, Schema, Shape};
use crate::uper::Size;

/// T/CSAE 53-2020, from `asn1/csae53_2020.asn`.
#[allow(missing_docs, unused_imports, dead_code, unreachable_patterns, non_snake_case, non_camel_case_types)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
pub(crate) mod csae53 {
    include!(concat!(env!("OUT_DIR"), "/csae53_2020.rs"));
}

/// YD/T 3709-2020, from `asn1/ydt3709_2020.asn`.
#[allow(missing_docs, unused_imports, dead_code, unreachable_patterns, non_snake_case, non_camel_case_types)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
pub(crate) mod ydt3709 {
    include!(concat!(env!("OUT_DIR"), "/ydt3709_2020.rs"));
}

/// T/CSAE 157-2020, from `asn1/csae157_2020.asn`.
#[allow(missing_docs, unused_imports, dead_code, unreachable_patterns, non_snake_case, non_camel_case_types)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
pub(crate) mod csae157 {
    include!(concat!(env!("OUT_DIR"), "/csae157_2020.rs"));
}

/// SAE J2735, J3224 and J2945/4, from `asn1/j2735_2024.asn`.
#[allow(missing_docs, unused_imports, dead_code, unreachable_patterns, non_snake_case, non_camel_case_types)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
pub(crate) mod j2735 {
    include!(concat!(env!("OUT_DIR"), "/j2735_2024.rs"));
}

/// The names of one schema as its standard writes them. Readers and writers carry those of the schema that they serve:
/// the names of types repeat between schemas, their parts differ.
#[derive(Debug)]
pub(crate) struct Names(&'static [(&'static str, &'static [&'static str])]);

/// Names of [`csae53`].
pub(crate) static CSAE53: Names = Names(include!(concat!(env!("OUT_DIR"), "/csae53_2020_names.rs")));
/// Names of [`ydt3709`].
pub(crate) static YDT3709: Names = Names(include!(concat!(env!("OUT_DIR"), "/ydt3709_2020_names.rs")));
/// Names of [`csae157`].
pub(crate) static CSAE157: Names = Names(include!(concat!(env!("OUT_DIR"), "/csae157_2020_names.rs")));
/// Names of [`j2735`].
#[allow(dead_code)]
pub(crate) static J2735: Names = Names(include!(concat!(env!("OUT_DIR"), "/j2735_2024_names.rs")));

/// Shapes of [`csae53`].
pub(crate) static CSAE53_SHAPES: Schema = include!(concat!(env!("OUT_DIR"), "/csae53_2020_shapes.rs"));
/// Shapes of [`ydt3709`].
pub(crate) static YDT3709_SHAPES: Schema = include!(concat!(env!("OUT_DIR"), "/ydt3709_2020_shapes.rs"));
/// Shapes of [`csae157`].
pub(crate) static CSAE157_SHAPES: Schema = include!(concat!(env!("OUT_DIR"), "/csae157_2020_shapes.rs"));
/// Shapes of [`j2735`].
pub(crate) static J2735_SHAPES: Schema = include!(concat!(env!("OUT_DIR"), "/j2735_2024_shapes.rs"));

impl Names {
    /// Components, alternatives or enumerators of a type by its Rust name; empty for a type without.
    pub(crate) fn parts_of(&self, type_name: &str) -> &'static [&'static str] {
        match self.0.binary_search_by(|(name, _)| (*name).cmp(type_name)) {
            Ok(at) => self.0.get(at).map_or(&[], |(_, parts)| parts),
            Err(_) => &[],
        }
    }

    /// A component, alternative or enumerator; none for a type that only wraps another.
    pub(crate) fn part_of(&self, type_name: &str, index: u64) -> Option<&'static str> {
        self.parts_of(type_name).get(usize::try_from(index).ok()?).copied()
    }
}

/// A schema without types that have parts.
#[cfg(test)]
pub(crate) static NO_NAMES: Names = Names(&[]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_standard() {
        assert_eq!(CSAE53.parts_of("HeadingConfidence")[3..5], ["prec01deg", "prec0-1deg"]);
        assert_eq!(CSAE53.parts_of("MessageFrame"), ["bsmFrame", "mapFrame", "rsmFrame", "spatFrame", "rsiFrame"]);
        assert_eq!(CSAE53.parts_of("PositionLl24B"), ["lon", "lat"]);
        assert!(CSAE53.parts_of("NoSuchType").is_empty());
    }
}
