//! Unaligned packed encoding rules (UPER, ITU-T X.691) for the generated types, on asn1rs's public `Reader` and `Writer`
//! traits.
//!
//! asn1rs's own UPER runtime serves neither a receiver nor a sender on air: it does not skip extension additions that it
//! does not know, checks no range on decoding, does not hold an inner value inside its open type, and panics on some
//! inputs. Here: every range and size is checked both ways, open types are bounded, unknown additions are skipped,
//! elements are counted against a budget, an error says at which bit and in which field, and nothing panics: the lints
//! below refuse indexing and arithmetic that could.
//!
//! A value that a newer edition added to an extensible type is handled by its place: an unknown enumerator becomes the
//! one that [`newer`] names for its type, else an absent field where the field is optional, else an error; an unknown
//! alternative makes an optional field absent, else it is an error.
//!
//! What makes it fast: a component costs one comparison beside its bits, because what is rare (an extension addition)
//! hides behind it ([`scope`]); presence bits are one number; faults are one pointer; names are looked up only for an
//! error.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::expect_used, clippy::panic)]
#![deny(clippy::unreachable, clippy::string_slice)]

mod cursor;
mod fault;
mod newer;
mod reader;
mod scope;
mod sink;
mod span;
mod text;
mod writer;

pub(crate) use cursor::Cursor;
pub(crate) use fault::{ReadFault as Fault, Unreadable as Kind};
pub(crate) use newer::stand_in;
pub(crate) use reader::Reader;
pub(crate) use sink::Sink;
pub use span::Span;
pub(crate) use writer::Writer;

/// Longest message that is read or written, octets. Radios carry about 1400.
pub(crate) const MESSAGE_BYTES: usize = 1 << 20;
/// List elements in one message, all lists together.
pub(crate) const ELEMENTS: usize = 1 << 16;
/// Lengths from here on go in fragments (X.691, 11.9.3.8).
const FRAGMENT: u64 = 1 << 14;
/// Upper limits from here on are none (X.691, 11.9.4.1).
const LENGTH_LIMIT: u64 = 1 << 16;

/// One step of the way to a field.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A component or an alternative.
    Name(&'static str),
    /// An element of a list, from 0.
    Index(usize),
    /// An extension addition that is not known, from 0 behind the extension marker.
    Addition(usize),
}

/// The way to a field as text: `participants[3].speed`.
pub(crate) fn path_text<'a>(parts: impl Iterator<Item = &'a Part>) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Name(name) if text.is_empty() => text.push_str(name),
            Part::Name(name) => {
                text.push('.');
                text.push_str(name);
            }
            Part::Index(index) => text.push_str(&format!("[{index}]")),
            Part::Addition(index) => text.push_str(&format!("._unk_{index}")),
        }
    }
    text
}

/// Size limits of a list, string or bit string.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Size {
    pub least: u64,
    pub most: Option<u64>,
    pub extensible: bool,
}

impl Size {
    pub(crate) const fn new(least: Option<u64>, most: Option<u64>, extensible: bool) -> Size {
        let least = match least {
            Some(least) => least,
            None => 0,
        };
        Size { least, most, extensible }
    }

    /// Whether a length is inside the root.
    pub(crate) fn holds(&self, length: u64) -> bool {
        length >= self.least && self.most.is_none_or(|most| length <= most)
    }
}

/// Bits for the values 0..=`most`.
pub(crate) const fn width(most: u64) -> u32 {
    u64::BITS.saturating_sub(most.leading_zeros())
}

/// The lowest `bits` bits set.
const fn ones(bits: u32) -> u64 {
    match u64::MAX.checked_shr(u64::BITS.saturating_sub(bits)) {
        Some(mask) => mask,
        None => 0,
    }
}

/// Octets as an index or a number of them. A machine with narrower addresses takes no message of such a size.
const fn octets_of(count: u64) -> usize {
    if count > MESSAGE_BYTES as u64 { usize::MAX } else { count as usize }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used)]
mod tests {
    //! Expected octets are those of asn1tools 0.169 for the same types and values.

    use super::*;
    use crate::error::{DecodeError, EncodeError};
    use crate::hex::{from_hex, to_hex};
    use crate::wire::NO_NAMES;
    use asn1rs::prelude::{BitVec, Null, Readable, Writable};
    use probe::*;

    #[allow(missing_docs, dead_code, unused_imports, clippy::all, clippy::unwrap_used)]
    mod probe {
        use asn1rs::prelude::*;
        asn_to_rust!(
            r"Probe DEFINITIONS AUTOMATIC TAGS ::= BEGIN
            OldRecord ::= SEQUENCE { x INTEGER (0..15), y BOOLEAN OPTIONAL, ... }
            NewRecord ::= SEQUENCE { x INTEGER (0..15), y BOOLEAN OPTIONAL, ..., z INTEGER (0..1000) OPTIONAL,
                list SEQUENCE (SIZE(1..8)) OF INTEGER (0..3) OPTIONAL, text UTF8String OPTIONAL }
            OldRecords ::= SEQUENCE (SIZE(0..3)) OF OldRecord
            NewRecords ::= SEQUENCE (SIZE(0..3)) OF NewRecord
            OldKind ::= ENUMERATED { here, there, ... }
            NewKind ::= ENUMERATED { here, there, ..., nowhere }
            OldPick ::= CHOICE { number INTEGER (0..7), flag BOOLEAN, ... }
            NewPick ::= CHOICE { number INTEGER (0..7), flag BOOLEAN, ..., octets OCTET STRING }
            OldChoices ::= SEQUENCE { kind OldKind OPTIONAL, pick OldPick OPTIONAL, last INTEGER (0..255) }
            NewChoices ::= SEQUENCE { kind NewKind OPTIONAL, pick NewPick OPTIONAL, last INTEGER (0..255) }
            Numbers ::= SEQUENCE { free INTEGER, ext INTEGER (0..7, ...), digit INTEGER (0..9) DEFAULT 3,
                flag BOOLEAN DEFAULT TRUE }
            Strings ::= SEQUENCE { visible VisibleString (SIZE(1..4)), printable PrintableString,
                numeric NumericString (SIZE(0..9)), utf UTF8String, octets OCTET STRING, bits BIT STRING (SIZE(3, ...)),
                nothing NULL }
            END"
        );
    }

    fn made<T: Writable>(value: &T) -> String {
        to_hex(&Writer::message(value, &NO_NAMES).unwrap())
    }

    fn read<T: Readable>(hex: &str) -> Result<T, DecodeError> {
        Reader::message(&from_hex(hex).unwrap(), &NO_NAMES)
    }

    fn both_ways<T: Readable + Writable + PartialEq + std::fmt::Debug>(value: &T, hex: &str) {
        assert_eq!(made(value), hex);
        assert_eq!(read::<T>(hex).as_ref(), Ok(value));
    }

    fn record(x: u8) -> NewRecord {
        NewRecord { x, y: None, z: None, list: None, text: None }
    }

    #[test]
    fn additions_are_written_and_read_whichever_of_them_are_there() {
        both_ways(&record(9), "24");
        both_ways(&NewRecord { y: Some(true), z: Some(700), ..record(9) }, "e60a01578000");
        let late = NewRecord { list: Some(vec![1, 2, 3]), text: Some("h\u{e9}".into()), ..record(9) };
        both_ways(&late, "a413024d80040368c3a9");
        let many =
            [NewRecord { z: Some(5), ..record(1) }, NewRecord { text: Some("ab".into()), ..record(2) }, record(3)];
        both_ways(&NewRecords(many.into()), "e105008050220440c0985883");
    }

    #[test]
    fn an_older_edition_skips_what_it_does_not_know_and_reads_the_rest_right() {
        let old = |x, y| OldRecord { x, y };
        assert_eq!(read("e60a01578000"), Ok(old(9, Some(true))));
        assert_eq!(read("a413024d80040368c3a9"), Ok(old(9, None)));
        let list = OldRecords(vec![old(1, None), old(2, None), old(3, None)]);
        assert_eq!(read("e105008050220440c0985883"), Ok(list));
        assert_eq!(read("24"), Ok(old(9, None)));
    }

    #[test]
    fn an_unknown_enumerator_or_alternative_makes_an_optional_field_absent() {
        let new = NewChoices { kind: Some(NewKind::Nowhere), pick: Some(NewPick::Octets(vec![1, 2])), last: 200 };
        both_ways(&new, "e02000c08040b200");
        assert_eq!(read("e02000c08040b200"), Ok(OldChoices { kind: None, pick: None, last: 200 }));
        assert_eq!(read("6000c08040b200"), Ok(OldChoices { kind: None, pick: None, last: 200 }));
        let known = OldChoices { kind: Some(OldKind::There), pick: Some(OldPick::Flag(true)), last: 200 };
        both_ways(&known, "d790");
    }

    #[test]
    fn an_unknown_enumerator_or_alternative_on_its_own_is_refused() {
        assert_eq!(read::<OldKind>("80"), Err(DecodeError::Unsupported { id: 2 }));
        assert_eq!(read::<OldPick>("8001ff"), Err(DecodeError::Unsupported { id: 2 }));
    }

    #[test]
    fn numbers_without_limits_take_as_few_octets_as_they_need() {
        for (free, hex) in [
            (0_i64, "004014"),
            (-1, "007fd4"),
            (127, "005fd4"),
            (128, "00802014"),
            (-128, "006014"),
            (-129, "00bfdfd4"),
            (65_535, "00c03fffd4"),
            (-2_147_483_648, "012000000014"),
        ] {
            // asn1rs keeps a number without limits as its 64 bits.
            let free = free.cast_unsigned();
            both_ways(&Numbers { free, ext: 5, digit: 3, flag: true }, hex);
        }
        both_ways(&Numbers { free: 1, ext: 300, digit: 4, flag: false }, "c04060402588");
    }

    fn strings() -> Strings {
        Strings {
            visible: "a".into(),
            printable: String::new(),
            numeric: String::new(),
            utf: String::new(),
            octets: Vec::new(),
            bits: BitVec::from_bytes(vec![0xa0], 3),
            nothing: Null,
        }
    }

    #[test]
    fn strings_of_every_kind_come_back() {
        let value = Strings {
            visible: "a~".into(),
            printable: "Hi: 7".into(),
            numeric: "0 9".into(),
            utf: "\u{fc}".into(),
            octets: vec![0xaa],
            ..strings()
        };
        both_ways(&value, "70fe0591a5d206e62140587780354a");
        // Bit strings beyond the root of their size, which asn1tools does not write.
        for bits in [0, 1, 2, 4, 5, 13, 200] {
            let value = Strings { bits: BitVec::from_bytes(vec![0; 26], bits), ..strings() };
            let read: Strings = read(&made(&value)).unwrap();
            assert_eq!(read.bits.bit_len(), bits);
        }
    }

    #[test]
    fn long_strings_go_in_fragments() {
        for (count, length, begin, end) in [
            (16_383, 16_390, "30800005fff80008", "fa020a121a80"),
            (16_384, 16_391, "3080000608000810", "0a121a200280"),
            (16_385, 16_392, "3080000608000810", "121a200a2a80"),
            (65_541, 65_548, "3080000620000810", "c8d0d8e0ea80"),
        ] {
            let octets: Vec<u8> = (0..count).map(|i| (i % 251) as u8).collect();
            let value = Strings { octets, ..strings() };
            let hex = made(&value);
            assert_eq!(hex.len() / 2, length);
            assert!(hex.starts_with(begin) && hex.ends_with(end), "{count}");
            assert_eq!(read(&hex), Ok(value));
        }
    }

    #[test]
    fn values_out_of_range_are_neither_written_nor_read() {
        assert!(matches!(Writer::message(&record(16), &NO_NAMES), Err(EncodeError::OutOfRange { .. })));
        let long = Strings { visible: "abcde".into(), ..strings() };
        assert!(matches!(
            Writer::message(&long, &NO_NAMES),
            Err(EncodeError::Count { count: 5, least: 1, most: 4, .. })
        ));
        let foreign = Strings { visible: "\u{fc}".into(), ..strings() };
        assert!(matches!(Writer::message(&foreign, &NO_NAMES), Err(EncodeError::NotAscii { .. })));
        // The range 0..9 of `digit` lies in bits 22 to 25, which can also say 10.
        let nine = made(&Numbers { free: 0, ext: 5, digit: 9, flag: true });
        let ten = u32::from_str_radix(&nine, 16).unwrap() + (1 << 6);
        assert_eq!(
            read::<Numbers>(&format!("{ten:08x}")),
            Err(DecodeError::Malformed { bit: 26, field: "the message".into(), what: "beyond the range 0..9".into() })
        );
    }

    #[test]
    fn an_open_type_ends_where_its_length_says() {
        // The addition `z` in an open type of one octet: its ten bits do not fit into it.
        assert!(matches!(read::<NewRecord>("a41401ab"), Err(DecodeError::Truncated { .. })));
        // Of three octets: more than an octet is left over.
        assert!(matches!(read::<NewRecord>("a41403000000"), Err(DecodeError::Malformed { .. })));
    }
}
