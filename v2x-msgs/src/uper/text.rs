//! Alphabets of the strings with a fixed number of bits a character (X.691, clause 30), both ways.

/// Characters of one kind of string.
pub(super) struct Alphabet {
    /// Bits a character.
    pub bits: u32,
    pub character: fn(u64) -> Option<char>,
    pub code: fn(char) -> Option<u64>,
}

/// IA5String, VisibleString and PrintableString: 7-bit characters stand for themselves.
pub(super) const ASCII: Alphabet = Alphabet {
    bits: 7,
    character: |code| u8::try_from(code).ok().filter(u8::is_ascii).map(char::from),
    code: |character| character.is_ascii().then_some(character as u64),
};

/// NumericString: its characters are numbered in their order.
pub(super) const NUMERIC: Alphabet = Alphabet {
    bits: 4,
    character: |code| NUMERALS.chars().nth(usize::try_from(code).ok()?),
    code: |character| NUMERALS.chars().position(|c| c == character).map(|at| at as u64),
};

const NUMERALS: &str = " 0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_an_alphabet_comes_back() {
        for (alphabet, codes) in [(ASCII, 128), (NUMERIC, 11)] {
            for code in 0..200_u64 {
                let character = (alphabet.character)(code);
                assert_eq!(character.is_some(), code < codes);
                assert_eq!(character.and_then(alphabet.code), character.map(|_| code));
            }
        }
        assert_eq!((ASCII.code)('\u{fc}'), None);
    }
}
