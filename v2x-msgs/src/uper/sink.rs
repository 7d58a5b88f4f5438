//! Bits of a message that is being made, most significant first.

use super::ones;

/// Room for a message when it is begun, octets: most grow no more.
const ROOM: usize = 512;

/// A growing bit string: whole eights of octets, and the bits that follow.
#[derive(Default)]
pub(crate) struct Sink {
    /// A multiple of 8.
    octets: Vec<u8>,
    /// The last bits, in the lowest; what is above them means nothing.
    last: u64,
    /// How many of them, 0..=63.
    used: u32,
}

impl Sink {
    pub(crate) fn with_room() -> Sink {
        Sink { octets: Vec::with_capacity(ROOM), last: 0, used: 0 }
    }

    /// Bits so far.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.octets.len().saturating_mul(8).saturating_add(self.used as usize)
    }

    /// The lowest `bits` bits of a number, at most 64.
    #[inline]
    pub(crate) fn put(&mut self, value: u64, bits: u32) {
        let value = value & ones(bits);
        let together = self.used.wrapping_add(bits);
        if together < 64 {
            self.last = self.last.wrapping_shl(bits) | value;
            self.used = together;
        } else {
            self.fill(value, together.wrapping_sub(64));
        }
    }

    /// As [`Sink::put`], when the last eight octets become full; `behind` bits, 0..=63, stand behind them.
    #[inline(never)]
    fn fill(&mut self, value: u64, behind: u32) {
        let free = 64_u32.wrapping_sub(self.used);
        let full = self.last.checked_shl(free).unwrap_or(0) | value.wrapping_shr(behind);
        self.octets.extend_from_slice(&full.to_be_bytes());
        self.last = value;
        self.used = behind;
    }

    /// Whole octets.
    pub(crate) fn put_octets(&mut self, octets: &[u8]) {
        let (eights, rest) = octets.as_chunks::<8>();
        if self.used == 0 {
            self.octets.extend_from_slice(eights.as_flattened());
        } else {
            eights.iter().for_each(|eight| self.put(u64::from_be_bytes(*eight), 64));
        }
        rest.iter().for_each(|octet| self.put(u64::from(*octet), 8));
    }

    /// Sets, in `bits` bits from a place on that were put as 0, those of a number.
    #[inline]
    pub(crate) fn set(&mut self, place: usize, bits: u32, value: u64) {
        let behind = self.len().wrapping_sub(place).wrapping_sub(bits as usize);
        if behind.wrapping_add(bits as usize) <= self.used as usize {
            self.last |= value.wrapping_shl(behind as u32);
        } else {
            self.set_earlier(place, bits, value);
        }
    }

    /// As [`Sink::set`], when some of the bits are in whole octets already.
    #[inline(never)]
    fn set_earlier(&mut self, place: usize, bits: u32, value: u64) {
        // The bits, moved to their place in the 9 octets and more that hold them.
        let room = 128_u32.wrapping_sub((place % 8) as u32).wrapping_sub(bits);
        let wide = u128::from(value).wrapping_shl(room).to_be_bytes();
        let here = self.octets.get_mut(place / 8..).unwrap_or_default();
        let inside = here.len();
        here.iter_mut().zip(wide).for_each(|(octet, set)| *octet |= set);
        // What is not in whole octets is in the topmost of the bits that follow them.
        let rest = wide.get(inside..).unwrap_or_default().iter().copied().chain(std::iter::repeat(0)).take(8);
        let rest = rest.fold(0_u64, |all, octet| all << 8 | u64::from(octet));
        self.last |= rest.checked_shr(64_u32.wrapping_sub(self.used)).unwrap_or(0);
    }

    /// The octets, filled up with zero bits; at least one (X.691, 11.1.3).
    pub(crate) fn into_octets(mut self) -> Vec<u8> {
        let rest = self.last.checked_shl(64_u32.wrapping_sub(self.used)).unwrap_or(0).to_be_bytes();
        let octets = (self.used as usize).div_ceil(8);
        self.octets.extend(rest.iter().take(octets));
        if self.octets.is_empty() {
            self.octets.push(0);
        }
        self.octets
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
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
        sink.set(1, 1, 1);
        assert_eq!(sink.into_octets(), [0xff, 255, 255, 255, 255, 255, 255, 255, 0xf0, 0xab, 0xcd]);
    }

    #[test]
    fn nothing_is_one_octet_of_zero_bits() {
        assert_eq!(Sink::default().into_octets(), [0]);
    }

    /// The bits of numbers one after the other, the plain way.
    fn plainly(numbers: &[(u64, u32)]) -> Vec<u8> {
        let bits: Vec<u8> =
            numbers.iter().flat_map(|(v, n)| (0..*n).rev().map(move |at| (v >> at & 1) as u8)).collect();
        bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |octet, (at, bit)| octet | bit << (7 - at))).collect()
    }

    #[test]
    fn numbers_of_any_width_stand_one_after_the_other() {
        for first in 1..=64_u32 {
            for second in 1..=64_u32 {
                let numbers = [(u64::MAX / 3, first), (u64::MAX / 5, second), (0x1234_5678_9abc_def1, 64), (1, 1)];
                let mut sink = Sink::with_room();
                numbers.iter().for_each(|(value, bits)| sink.put(*value, *bits));
                assert_eq!(sink.into_octets(), plainly(&numbers), "{first}, {second}");
            }
        }
    }

    #[test]
    fn bits_can_be_set_later_wherever_they_lie() {
        for before in 1..=130_u32 {
            for bits in 1..=64_u32 {
                for behind in [0, 1, 7, 30, 63, 64, 65, 200] {
                    let value = 0x9e37_79b9_7f4a_7c15 & ones(bits);
                    let ones_of = |count: u32| (0..count).map(|_| (1, 1));
                    let numbers: Vec<_> = ones_of(before).chain([(value, bits)]).chain(ones_of(behind)).collect();
                    let mut sink = Sink::default();
                    ones_of(before).chain([(0, bits)]).chain(ones_of(behind)).for_each(|(v, n)| sink.put(v, n));
                    sink.set(before as usize, bits, value);
                    assert_eq!(sink.into_octets(), plainly(&numbers), "{before}, {bits}, {behind}");
                }
            }
        }
    }

    #[test]
    fn octets_stand_behind_any_bits() {
        for before in 0..=64_u32 {
            let octets: Vec<u8> = (0..37).collect();
            let mut sink = Sink::default();
            sink.put(u64::MAX, before);
            sink.put_octets(&octets);
            let numbers: Vec<_> =
                [(u64::MAX, before)].into_iter().chain(octets.iter().map(|o| (u64::from(*o), 8))).collect();
            assert_eq!(sink.into_octets(), plainly(&numbers));
        }
    }
}
