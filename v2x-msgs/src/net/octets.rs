//! Octets of a received frame, one after the other.

use super::{Layer, NetError};

/// A place in a frame.
#[derive(Clone, Debug)]
pub(super) struct Octets<'a> {
    layer: Layer,
    octets: &'a [u8],
    at: usize,
}

impl<'a> Octets<'a> {
    pub(super) fn new(layer: Layer, octets: &'a [u8]) -> Octets<'a> {
        Octets { layer, octets, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.octets.get(self.at..).unwrap_or_default()
    }

    pub(super) fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], NetError> {
        let truncated = NetError::Truncated { layer: self.layer, octet: self.octets.len(), field };
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.octets.get(self.at..end)).ok_or(truncated)?;
        self.at += count;
        Ok(taken)
    }

    pub(super) fn octet(&mut self, field: &'static str) -> Result<u8, NetError> {
        Ok(self.take(1, field)?.first().copied().unwrap_or_default())
    }

    /// The next octets, at most eight, as one number, most significant first.
    pub(super) fn number(&mut self, octets: usize, field: &'static str) -> Result<u64, NetError> {
        Ok(self.take(octets, field)?.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
    }

    /// The length form of IEEE 1609.3: one octet below 128, else two that begin with the bits 10.
    pub(super) fn length(&mut self, field: &'static str) -> Result<usize, NetError> {
        let begin = self.at;
        let first = self.octet(field)?;
        match first {
            0..=0x7f => Ok(usize::from(first)),
            0x80..=0xbf => Ok(usize::from(first & 0x3f) << 8 | usize::from(self.octet(field)?)),
            _ => Err(self.malformed(begin, field, format!("a length begins with 0 or 10 in bits, not {first:#04x}"))),
        }
    }

    pub(super) fn malformed(&self, octet: usize, field: &'static str, what: impl Into<String>) -> NetError {
        NetError::Malformed { layer: self.layer, octet, field, what: what.into() }
    }
}
