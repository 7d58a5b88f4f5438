//! Where a reader is inside a SEQUENCE: which component comes next, and where its presence bits are.

/// A SEQUENCE that is being read.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Fields {
    /// Rust name of its type.
    pub type_name: &'static str,
    /// Component that comes next.
    pub next: u64,
    /// Components before the extension marker.
    pub root: u64,
    /// Place of the next presence bit of the root.
    pub optional_at: usize,
    /// The extension bit was set.
    pub extended: bool,
    /// Place and number of the presence bits of the additions, once their header was read.
    pub additions: Option<(usize, u64)>,
}
