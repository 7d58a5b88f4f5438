//! Where a reader or writer is inside a SEQUENCE.
//!
//! The traits do not say whether a value is a component of a SEQUENCE or stands on its own (an element, the content of an
//! alternative), so readers and writers count: every value takes the next place of the scope, and what is no component
//! is read and written in a scope of its own that nobody looks at.

/// Places of components in one SEQUENCE.
#[derive(Copy, Clone, Debug)]
pub(super) struct Scope {
    /// The component that comes next.
    pub next: u64,
    /// From this place on a component needs more than to be read or written: it is an extension addition.
    pub plain: u64,
    /// Components before the extension marker.
    pub root: u64,
    /// Presence bits of the root: to come, in the topmost bits, when reading; so far, in the lowest bits, when writing.
    pub presence: u64,
    /// Extension additions of this SEQUENCE.
    pub additions: Additions,
}

/// Extension additions of the SEQUENCE.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Additions {
    /// None are there (reading), or none so far (writing).
    None,
    /// Reading: they are there, and their presence bits come next.
    Ahead,
    /// Reading: place and number of their presence bits.
    Sent { place: usize, count: u64 },
    /// Writing: presence bits so far, in the lowest bits; at least one is set.
    Written { presence: u64 },
}

impl Scope {
    /// Outside of any SEQUENCE.
    pub(super) const OUTSIDE: Scope =
        Scope { next: 0, plain: u64::MAX, root: u64::MAX, presence: 0, additions: Additions::None };

    /// Whether the next component needs more than to be read or written.
    #[inline]
    pub(super) fn is_special(&self) -> bool {
        self.next >= self.plain
    }

    /// Passes to the next component.
    #[inline]
    pub(super) fn advance(&mut self) {
        self.next = self.next.wrapping_add(1);
    }

    /// The component that came last.
    pub(super) fn last(&self) -> u64 {
        self.next.wrapping_sub(1)
    }

    /// Whether the next optional component of the root is there (reading).
    #[inline]
    pub(super) fn take_presence(&mut self) -> bool {
        let present = self.presence >> 63 == 1;
        self.presence <<= 1;
        present
    }

    /// Notes whether the next optional component of the root is there (writing).
    #[inline]
    pub(super) fn put_presence(&mut self, present: bool) {
        self.presence = self.presence << 1 | u64::from(present);
    }
}

/// What the constraint of a SEQUENCE says about its bits.
#[derive(Copy, Clone, Debug)]
pub(super) struct Layout {
    pub type_name: &'static str,
    /// Components with a presence bit, before the extension marker.
    pub optional: u32,
    /// Components, additions included.
    pub components: u64,
    /// Components before the extension marker.
    pub root: u64,
    pub extensible: bool,
}

impl Layout {
    pub(super) const fn new(type_name: &'static str, optional: u64, components: u64, last: Option<u64>) -> Layout {
        // One number holds the presence bits and the extension bit, and one the presence bits of the additions.
        assert!(optional < 64, "a SEQUENCE with more than 63 optional components");
        let (root, extensible) = match last {
            Some(last) => (last.saturating_add(1), true),
            None => (components, false),
        };
        assert!(components.saturating_sub(root) <= 64, "a SEQUENCE with more than 64 extension additions");
        Layout { type_name, optional: optional as u32, components, root, extensible }
    }

    /// A type that only wraps another, or has one mandatory component: no bits of its own.
    pub(super) const fn is_bare(&self) -> bool {
        self.components == 1 && self.optional == 0 && !self.extensible
    }

    /// Bits before the first component.
    pub(super) const fn header(&self) -> u32 {
        self.optional.saturating_add(self.extensible as u32)
    }
}
