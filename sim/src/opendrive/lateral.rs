//! The road's surface across: superelevation, crossfall (1.4) and shape.

use roxmltree::Node;

use super::OpenDriveError;
use super::line::Cubic;
use super::profile::Profile;
use super::xml::{Reader, children};

/// The lateral profile of a road.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lateral {
    /// Roll of the whole road about its reference line, radians, positive where the left side is higher.
    pub superelevation: Profile,
    /// Crossfall of the left and of the right side, radians, positive where the side falls outwards (1.4).
    crossfall: [Profile; 2],
    /// Height over `t`, for places along the road in increasing order.
    shapes: Vec<Shape>,
}

/// The shape of the surface at one place.
#[derive(Clone, Debug, PartialEq)]
struct Shape {
    s: f64,
    /// Height by `t`.
    heights: Profile,
}

impl Lateral {
    pub(super) fn read(reader: &mut Reader, node: Option<Node>) -> Result<Self, OpenDriveError> {
        let Some(node) = node else { return Ok(Self::default()) };
        reader.expect(node, &["superelevation", "crossfall", "shape", "crossSectionSurface"]);
        for element in children(node, "crossSectionSurface") {
            reader.note(element, "`crossSectionSurface`: the surface is taken as flat across");
        }
        let superelevation = reader.profile(Some(node), "superelevation", "s")?;
        let mut sides = [Vec::new(), Vec::new()];
        for element in children(node, "crossfall") {
            let record = (reader.number(element, "s")?, reader.cubic(element, ["a", "b", "c", "d"])?);
            let side = element.attribute("side").unwrap_or("both");
            sides[0].extend((side != "right").then_some(record));
            sides[1].extend((side != "left").then_some(record));
        }
        let mut records: Vec<(f64, (f64, Cubic))> = Vec::new();
        for element in children(node, "shape") {
            let cubic = reader.cubic(element, ["a", "b", "c", "d"])?;
            records.push((reader.number(element, "s")?, (reader.number(element, "t")?, cubic)));
        }
        records.sort_by(|a, b| a.0.total_cmp(&b.0));
        let shapes = records.chunk_by(|a, b| a.0 == b.0).map(|at_s| Shape {
            s: at_s[0].0,
            heights: Profile::new(at_s.iter().map(|(_, record)| *record).collect()),
        });
        Ok(Self { superelevation, crossfall: sides.map(Profile::new), shapes: shapes.collect() })
    }

    /// The surface is a plane across the road.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.shapes.is_empty() && self.crossfall.iter().all(Profile::is_empty)
    }

    /// Height of the surface above the (banked) plane of the road, metres. Between two shapes it changes evenly along `s`.
    #[must_use]
    pub fn height(&self, s: f64, t: f64) -> f64 {
        let side = if t >= 0.0 { &self.crossfall[0] } else { &self.crossfall[1] };
        let fall = if side.is_empty() { 0.0 } else { -t.abs() * side.at(s).clamp(-1.5, 1.5).tan() };
        let next = self.shapes.partition_point(|shape| shape.s <= s);
        let Some(from) = self.shapes.get(next.saturating_sub(1)) else { return fall };
        let mut height = from.heights.at(t);
        if let Some(to) = self.shapes.get(next).filter(|_| next > 0) {
            height += (s - from.s) / (to.s - from.s) * (to.heights.at(t) - height);
        }
        fall + height
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_and_crossfall_add_up_across_and_along_the_road() {
        let xml = "<lateralProfile><crossfall side='right' s='0' a='0.1' b='0' c='0' d='0'/>\
            <shape s='0' t='-5' a='1' b='-0.2' c='0' d='0'/><shape s='0' t='0' a='0' b='0' c='0' d='0'/>\
            <shape s='10' t='-5' a='0' b='0' c='0' d='0'/></lateralProfile>";
        let document = roxmltree::Document::parse(xml).unwrap();
        let lateral = Lateral::read(&mut Reader::new("test"), Some(document.root_element())).unwrap();
        assert!(!lateral.is_flat());
        let fall = 2.0 * 0.1_f64.tan();
        assert!((lateral.height(0.0, -2.0) - (1.0 - 0.6 - fall)).abs() < 1e-12);
        assert!((lateral.height(5.0, -2.0) - (0.2 - fall)).abs() < 1e-12);
        assert!(lateral.height(0.0, 2.0).abs() < 1e-12 && lateral.height(50.0, 3.0).abs() < 1e-12);
    }
}
