//! Hex dumps as xxd, hexdump, tcpdump and Wireshark write them: an offset, then octets, then perhaps letters.

/// The offset and the digits of a line, when it is a line of a dump.
///
/// The offset has four digits or more and stands before a colon (`00000010:`, `0x0010:`) or two spaces. Without them a line
/// is a message in plain digits.
pub(super) fn line(text: &str) -> Option<(u64, &str)> {
    let text = text.trim_end();
    let (offset, rest, letters_after) = match text.split_once(':') {
        // xxd and tcpdump: letters behind two spaces.
        Some((offset, rest)) => (offset.trim().trim_start_matches("0x"), rest.trim_start(), "  "),
        None => {
            let (offset, rest) = text.split_once("  ")?;
            // hexdump -C: letters behind a bar, and two spaces in the middle; Wireshark: letters behind three spaces.
            (offset, rest.trim_start(), if rest.contains('|') { "|" } else { "   " })
        }
    };
    if offset.len() < 4 || !rest.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let digits = rest.split(letters_after).next().unwrap_or_default();
    let groups = digits.split_whitespace();
    if groups.clone().any(|group| !matches!(group.len(), 2 | 4 | 8) || !group.bytes().all(|b| b.is_ascii_hexdigit())) {
        return None;
    }
    Some((u64::from_str_radix(offset, 16).ok()?, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_usual_programs_are_told_from_plain_digits() {
        for (text, digits) in [
            ("00000010: 44d8 815d b93d                           D..].=", "44d8 815d b93d"),
            ("\t0x0010:  44d8 815d b93d", "44d8 815d b93d"),
            ("00000010  44 d8 81 5d b9 3d d3 4c  fe 14 0a 30 0a 30 0a 30  |D..].=.L...0.0.0|", "44 d8 81 5d"),
            ("0010  44 d8 81 5d   D..]", "44 d8 81 5d"),
        ] {
            let (offset, found) = line(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(offset, 16);
            assert!(found.trim().starts_with(digits), "{found}");
            assert!(!found.contains(['.', '|']), "{found}");
        }
        for plain in ["44d8815db93d34cf", "44 d8 81 5d", "44d8 815d", "", "zz: 00", "00: 11", "0000  zz"] {
            assert_eq!(line(plain), None, "{plain}");
        }
    }
}
