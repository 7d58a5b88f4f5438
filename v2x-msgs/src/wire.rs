//! The generated types, and the table of the names that the standard gives their parts. Nothing of this leaves the
//! crate: outside, a message is a [`crate::model`] value, bytes, or JSON.

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

static CSAE53_NAMES: &[(&str, &[&str])] = include!(concat!(env!("OUT_DIR"), "/csae53_2020_names.rs"));

/// Components, alternatives or enumerators of a type, as the standard writes them; empty for a type without.
pub(crate) fn parts_of(type_name: &str) -> &'static [&'static str] {
    match CSAE53_NAMES.binary_search_by(|(name, _)| (*name).cmp(type_name)) {
        Ok(at) => CSAE53_NAMES.get(at).map_or(&[], |(_, parts)| parts),
        Err(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_standard() {
        assert_eq!(parts_of("HeadingConfidence")[3..5], ["prec01deg", "prec0-1deg"]);
        assert_eq!(parts_of("MessageFrame"), ["bsmFrame", "mapFrame", "rsmFrame", "spatFrame", "rsiFrame"]);
        assert_eq!(parts_of("PositionLl24B"), ["lon", "lat"]);
        assert!(parts_of("NoSuchType").is_empty());
    }
}
