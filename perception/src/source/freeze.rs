//! A frozen camera gives pictures on time, but always the same one: worse than none, because it looks alive. A real
//! picture is never twice the same, sensor noise sees to that.

use crate::frame::Image;

/// Counts equal pictures in a row.
#[derive(Debug)]
pub(super) struct Freeze {
    last: Option<u64>,
    same: u32,
    limit: u32,
}

impl Freeze {
    /// `limit` equal pictures in a row are a frozen camera.
    pub(super) fn new(limit: u32) -> Self {
        Self { last: None, same: 0, limit: limit.max(2) }
    }

    /// Looks at the next picture.
    pub(super) fn look(&mut self, image: &Image) {
        let print = fingerprint(image);
        self.same = if self.last == Some(print) { self.same.saturating_add(1) } else { 1 };
        self.last = Some(print);
    }

    /// What is wrong, if the camera is frozen.
    pub(super) fn fault(&self) -> Option<String> {
        (self.same >= self.limit).then(|| format!("frozen: the same picture {} times in a row", self.same))
    }
}

/// A 64-bit hash of all pixels, a word at a time in four lanes.
fn fingerprint(image: &Image) -> u64 {
    const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut lanes = [image.width as u64, image.height as u64, 1, 2];
    let (blocks, rest) = image.data.as_chunks::<32>();
    for block in blocks {
        for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<8>().0) {
            *lane = (*lane ^ u64::from_le_bytes(*word)).wrapping_mul(PRIME).rotate_left(29);
        }
    }
    for (i, byte) in rest.iter().enumerate() {
        lanes[i % 4] = (lanes[i % 4] ^ u64::from(*byte)).wrapping_mul(PRIME).rotate_left(29);
    }
    lanes.into_iter().fold(0, |sum, lane| (sum ^ lane).wrapping_mul(PRIME).rotate_left(31))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(level: u8) -> Image {
        Image { width: 9, height: 7, data: vec![level; 9 * 7 * 3] }
    }

    #[test]
    fn the_same_picture_for_the_limit_is_frozen_and_one_other_pixel_is_not() {
        let mut freeze = Freeze::new(3);
        for _ in 0..2 {
            freeze.look(&picture(5));
            assert_eq!(freeze.fault(), None);
        }
        freeze.look(&picture(5));
        assert!(freeze.fault().unwrap().contains("3 times"));
        for i in [0, 40, 9 * 7 * 3 - 1] {
            let mut other = picture(5);
            other.data[i] = 6;
            freeze.look(&other);
            assert_eq!(freeze.fault(), None, "byte {i}");
            freeze.look(&picture(5));
        }
    }
}
