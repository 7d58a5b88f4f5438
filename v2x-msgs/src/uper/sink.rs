//! Bits of a message that is being made, most significant first.

/// A growing bit string.
#[derive(Default)]
pub(crate) struct Sink {
    octets: Vec<u8>,
    bits: usize,
}

impl Sink {
    /// Bits so far.
    pub(crate) fn len(&self) -> usize {
        self.bits
    }

    /// The lowest `bits` bits of a number, at most 64.
    #[inline]
    pub(crate) fn put(&mut self, value: u64, bits: u32) {
        let mut left = bits;
        while left > 0 {
            let used = (self.bits % 8) as u32;
            if used == 0 {
                self.octets.push(0);
            }
            let now = left.min(8 - used);
            left -= now;
            let piece = (value >> left) as u8 & (0xff >> (8 - now));
            if let Some(last) = self.octets.last_mut() {
                *last |= piece << (8 - used - now);
            }
            self.bits += now as usize;
        }
    }

    /// Whole octets.
    pub(crate) fn put_octets(&mut self, octets: &[u8]) {
        if self.bits.is_multiple_of(8) {
            self.octets.extend_from_slice(octets);
            self.bits += octets.len() * 8;
        } else {
            octets.iter().for_each(|octet| self.put(u64::from(*octet), 8));
        }
    }

    /// Sets a bit that was put as 0.
    pub(crate) fn set(&mut self, place: usize) {
        if let Some(octet) = self.octets.get_mut(place / 8) {
            *octet |= 0x80 >> (place % 8);
        }
    }

    /// The octets, filled up with zero bits; at least one (X.691, 11.1.3).
    pub(crate) fn into_octets(mut self) -> Vec<u8> {
        if self.octets.is_empty() {
            self.octets.push(0);
        }
        self.octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_stand_one_after_the_other() {
        let mut sink = Sink::default();
        sink.put(0b101, 3);
        sink.put(u64::MAX, 64);
        sink.put(0xfff0, 5);
        sink.put_octets(&[0xab, 0xcd]);
        assert_eq!(sink.len(), 88);
        sink.set(1);
        assert_eq!(sink.into_octets(), [0xff, 255, 255, 255, 255, 255, 255, 255, 0xf0, 0xab, 0xcd]);
    }

    #[test]
    fn nothing_is_one_octet_of_zero_bits() {
        assert_eq!(Sink::default().into_octets(), [0]);
    }
}
