//! A picture to a network's input: bilinear resize, letterbox, colour order, normalisation, planes.
//!
//! The resize uses the fixed-point arithmetic of OpenCV's `INTER_LINEAR` on 8-bit pictures (11-bit weights, rounded to
//! 8 bits), because the networks were validated with it.

use super::descriptor::{Colour, Descriptor, Resize};
use crate::frame::Image;

/// Bits of a weight.
const BITS: u32 = 11;

/// How a picture lies in the network's input.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Fitted {
    /// Width of the picture.
    pub width: usize,
    /// Height of the picture.
    pub height: usize,
    scale: [f32; 2],
    offset: [f32; 2],
}

impl Fitted {
    /// Corners in the network's input to corners in the picture.
    pub(super) fn to_picture(self, c: [f32; 4]) -> [f32; 4] {
        let x = |v: f32| (v - self.offset[0]) / self.scale[0];
        let y = |v: f32| (v - self.offset[1]) / self.scale[1];
        [x(c[0]), y(c[1]), x(c[2]), y(c[3])]
    }
}

/// Fills inputs of one network.
pub(super) struct Resampler {
    size: [usize; 2],
    resize: Resize,
    /// Normalised value of each grey level, a table a plane, in the order of the planes.
    tables: [[f32; 256]; 3],
    /// Which channel of the BGR picture each plane takes.
    channels: [usize; 3],
    pad: u8,
    /// Resized rows, kept because neighbouring output rows share them.
    rows: [Vec<i32>; 2],
}

/// Source pixels and weights of one output pixel.
struct Tap {
    first: usize,
    second: usize,
    weights: [i32; 2],
}

impl Resampler {
    pub(super) fn new(d: &Descriptor) -> Self {
        let channels = match d.colour {
            Colour::Bgr => [0, 1, 2],
            Colour::Rgb => [2, 1, 0],
        };
        let table = |plane: usize| std::array::from_fn(|v| (v as f32 * d.scale - d.mean[plane]) / d.std[plane]);
        Self {
            size: d.input,
            resize: d.resize,
            tables: [table(0), table(1), table(2)],
            channels,
            pad: d.pad,
            rows: [Vec::new(), Vec::new()],
        }
    }

    /// Writes the picture into `tensor` (planes of rows) and says how it lies there. The picture is not empty and its
    /// data have the right length.
    pub(super) fn fill(&mut self, image: &Image, tensor: &mut Vec<f32>) -> Fitted {
        let [width, height] = self.size;
        let ratio = (width as f64 / image.width as f64).min(height as f64 / image.height as f64);
        let fit = |side: usize, most: usize| ((side as f64 * ratio) as usize).clamp(1, most);
        let (w, h, scale) = match self.resize {
            Resize::Stretch => {
                (width, height, [width as f32 / image.width as f32, height as f32 / image.height as f32])
            }
            _ => (fit(image.width, width), fit(image.height, height), [ratio as f32; 2]),
        };
        let (left, top) = match self.resize {
            Resize::LetterboxCentre => ((width - w) / 2, (height - h) / 2),
            _ => (0, 0),
        };
        self.clear(tensor);
        self.draw(image, tensor, (w, h), (left, top));
        Fitted { width: image.width, height: image.height, scale, offset: [left as f32, top as f32] }
    }

    fn clear(&self, tensor: &mut Vec<f32>) {
        let plane = self.size[0] * self.size[1];
        tensor.clear();
        for table in &self.tables {
            tensor.resize(tensor.len() + plane, table[usize::from(self.pad)]);
        }
    }

    fn draw(&mut self, image: &Image, tensor: &mut [f32], (w, h): (usize, usize), (left, top): (usize, usize)) {
        let [width, height] = self.size;
        let columns: Vec<Tap> = (0..w).map(|x| tap(x, w, image.width)).collect();
        let mut held = [usize::MAX; 2];
        for y in 0..h {
            let row = tap(y, h, image.height);
            // The lower source row of this output row is often the upper one of the next.
            if held[1] == row.first {
                self.rows.swap(0, 1);
                held.swap(0, 1);
            }
            for (slot, wanted) in [(0, row.first), (1, row.second)] {
                if held[slot] != wanted {
                    let source = &image.data[wanted * image.width * 3..(wanted + 1) * image.width * 3];
                    shrink_row(source, &columns, &mut self.rows[slot]);
                    held[slot] = wanted;
                }
            }
            for (plane, table) in self.tables.iter().enumerate() {
                let start = plane * width * height + (y + top) * width + left;
                let out = &mut tensor[start..start + w];
                let channel = self.channels[plane] * w;
                let upper = &self.rows[0][channel..channel + w];
                let lower = &self.rows[1][channel..channel + w];
                for ((o, a), b) in out.iter_mut().zip(upper).zip(lower) {
                    *o = table[blend(*a, *b, row.weights)];
                }
            }
        }
    }
}

/// Where output pixel `i` of `n` lies in a row of `source` pixels: centres on centres, edges repeated.
fn tap(i: usize, n: usize, source: usize) -> Tap {
    let at = (i as f64 + 0.5) * (source as f64 / n as f64) - 0.5;
    let floor = at.floor();
    let part = (at - floor) as f32;
    let first = floor.max(0.0) as usize;
    let last = source - 1;
    if floor < 0.0 || first >= last {
        let edge = first.min(last);
        return Tap { first: edge, second: edge, weights: [1 << BITS, 0] };
    }
    let one = (1 << BITS) as f32;
    let weights = [((1.0 - part) * one).round_ties_even() as i32, (part * one).round_ties_even() as i32];
    Tap { first, second: first + 1, weights }
}

/// One source row at the output's width, weighted sums, one channel after another.
fn shrink_row(source: &[u8], columns: &[Tap], row: &mut Vec<i32>) {
    row.clear();
    for channel in 0..3 {
        row.extend(columns.iter().map(|c| {
            i32::from(source[c.first * 3 + channel]) * c.weights[0]
                + i32::from(source[c.second * 3 + channel]) * c.weights[1]
        }));
    }
}

/// OpenCV's vertical step: (a >> 4) * w >> 16 for both rows, rounded by 2 bits.
fn blend(a: i32, b: i32, weights: [i32; 2]) -> usize {
    let sum = ((weights[0] * (a >> 4)) >> 16) + ((weights[1] * (b >> 4)) >> 16) + 2;
    (sum >> 2).clamp(0, 255) as usize
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn resampler(name: &str) -> Resampler {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name);
        Resampler::new(&Descriptor::read(&path).unwrap())
    }

    fn flat(width: usize, height: usize, bgr: [u8; 3]) -> Image {
        Image { width, height, data: bgr.repeat(width * height) }
    }

    #[test]
    fn a_flat_picture_stays_flat_and_the_rest_is_padding() {
        let mut tensor = Vec::new();
        let fitted = resampler("yolox_nano_416.toml").fill(&flat(832, 416, [10, 20, 30]), &mut tensor);
        assert_eq!(tensor.len(), 3 * 416 * 416);
        for (plane, level) in [10.0, 20.0, 30.0].into_iter().enumerate() {
            assert_eq!(tensor[plane * 416 * 416], level);
            assert_eq!(tensor[plane * 416 * 416 + 207 * 416 + 415], level);
            assert_eq!(tensor[plane * 416 * 416 + 208 * 416], 114.0);
        }
        assert_eq!(fitted.to_picture([0.0, 0.0, 416.0, 208.0]), [0.0, 0.0, 832.0, 416.0]);
    }

    #[test]
    fn rgb_networks_get_red_first_and_stretched() {
        let mut tensor = Vec::new();
        let fitted = resampler("deimv2_femto_416.toml").fill(&flat(100, 50, [0, 0, 255]), &mut tensor);
        assert!((tensor[0] - 1.0).abs() < 1e-6 && tensor[416 * 416] == 0.0 && tensor[2 * 416 * 416] == 0.0);
        assert_eq!((fitted.width, fitted.height), (100, 50));
    }

    #[test]
    fn a_centred_letterbox_is_undone() {
        let mut tensor = Vec::new();
        let fitted = resampler("nanodet_m_320.toml").fill(&flat(640, 320, [0, 0, 0]), &mut tensor);
        assert_eq!(fitted.to_picture([0.0, 80.0, 320.0, 240.0]), [0.0, 0.0, 640.0, 320.0]);
    }

    #[test]
    fn pictures_of_one_pixel_and_of_one_row_are_resized() {
        for (w, h) in [(1, 1), (1, 500), (5000, 1), (2, 2), (3, 7)] {
            for name in ["yolox_nano_416.toml", "deimv2_femto_416.toml", "nanodet_m_320.toml"] {
                let mut tensor = Vec::new();
                resampler(name).fill(&flat(w, h, [7, 7, 7]), &mut tensor);
                assert!(tensor.iter().all(|v| v.is_finite()), "{name} {w} x {h}");
            }
        }
    }

    #[test]
    fn halving_takes_the_mean_of_two_neighbours() {
        let mut r = resampler("yolox_nano_416.toml");
        let mut image = flat(832, 832, [0, 0, 0]);
        for (i, v) in image.data.iter_mut().enumerate() {
            *v = if (i / 3) % 2 == 0 { 100 } else { 200 };
        }
        let mut tensor = Vec::new();
        r.fill(&image, &mut tensor);
        assert!(tensor.iter().all(|v| *v == 150.0));
    }
}
