//! Where a field lies in the bits of a message.

/// One field: its place and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The way to it.
    pub path: String,
    /// First bit.
    pub bit: usize,
    /// Number of bits.
    pub bits: usize,
    /// Its value, when it has no parts.
    pub value: Option<String>,
}
