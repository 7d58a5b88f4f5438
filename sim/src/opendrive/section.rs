//! A stretch of a road with the same lanes.

use roxmltree::Node;

use super::OpenDriveError;
use super::lane::{Edge, Lane};
use super::xml::{Reader, child, children, yes};

/// Lanes on one side of a road at most.
const LANES: i32 = 256;

/// A stretch of a road with the same lanes.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Where it begins, metres along the road.
    pub s: f64,
    /// Where it ends.
    pub end: f64,
    /// Lanes on the left, from the middle outwards.
    pub left: Vec<Lane>,
    /// Lanes on the right, from the middle outwards.
    pub right: Vec<Lane>,
}

impl Section {
    /// Reads a `laneSection`; a side that it does not draw is carried on from the section before.
    pub(super) fn read(reader: &mut Reader, node: Node, before: Option<&Section>) -> Result<Self, OpenDriveError> {
        reader.expect(node, &["left", "center", "right"]);
        let s = reader.number(node, "s")?;
        let mut section = Self { s, end: s, left: Vec::new(), right: Vec::new() };
        for side in ["left", "right"] {
            for lane in child(node, side).into_iter().flat_map(|side| children(side, "lane")) {
                let id = reader.integer(lane, "id")?;
                if id == 0 || id.abs() > LANES {
                    return Err(reader.error(lane, format!("`id` is {id}"), format!("number lanes from 1 to {LANES}")));
                }
                let read = Lane::read(reader, lane, id, s)?;
                if id > 0 { section.left.push(read) } else { section.right.push(read) }
            }
        }
        for (lanes, sign) in [(&mut section.left, 1), (&mut section.right, -1)] {
            close_gaps(reader, node, lanes, sign, s)?;
        }
        if let Some(before) = before.filter(|_| yes(node, "singleSide")) {
            let carry = |lanes: &[Lane]| lanes.iter().map(Lane::carried_on).collect();
            if child(node, "left").is_none() {
                section.left = carry(&before.left);
            }
            if child(node, "right").is_none() {
                section.right = carry(&before.right);
            }
        }
        Ok(section)
    }

    /// A lane by its number.
    #[must_use]
    pub fn lane(&self, id: i32) -> Option<&Lane> {
        let at = usize::try_from(id.unsigned_abs()).ok()?.checked_sub(1)?;
        if id > 0 { self.left.get(at) } else { self.right.get(at) }
    }

    /// All lanes from left to right.
    pub fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.left.iter().rev().chain(&self.right)
    }

    /// Distances of the inner and the outer edge of a lane from lane 0; both 0 for lane 0.
    #[must_use]
    pub fn edges(&self, id: i32, s: f64) -> Option<[Edge; 2]> {
        if id == 0 {
            return Some([Edge::default(); 2]);
        }
        let lanes = if id > 0 { &self.left } else { &self.right };
        let s = s.clamp(self.s, self.end.max(self.s));
        let mut inner = Edge::default();
        for lane in lanes {
            let outer = lane.outer(inner, s);
            if lane.id == id {
                return Some([inner, outer]);
            }
            inner = outer;
        }
        None
    }

    /// The lane on which `across` (metres to the left of lane 0) lies, and the distance from its middle; the outermost lane
    /// with a width when it lies beside the road, lane 0 where there is none.
    #[must_use]
    pub fn lane_at(&self, across: f64, s: f64) -> (i32, f64) {
        self.pick(across, s, |_| true).unwrap_or((0, across))
    }

    /// As [`Section::lane_at`] among the lanes that the caller wants: the one it lies on, else the nearest.
    pub fn pick(&self, across: f64, s: f64, wanted: impl Fn(&Lane) -> bool) -> Option<(i32, f64)> {
        let s = s.clamp(self.s, self.end.max(self.s));
        let mut best: Option<(f64, i32, f64)> = None;
        for (lanes, side) in [(&self.right, -1.0), (&self.left, 1.0)] {
            let out = across * side;
            let mut inner = Edge::default();
            for lane in lanes {
                let outer = lane.outer(inner, s);
                if outer.at > inner.at && wanted(lane) {
                    let miss = (inner.at - out).max(out - outer.at).max(0.0);
                    if best.is_none_or(|(least, ..)| miss < least) {
                        best = Some((miss, lane.id, (out - f64::midpoint(inner.at, outer.at)) * side));
                    }
                }
                inner = outer;
            }
        }
        best.map(|(_, lane, offset)| (lane, offset))
    }

    /// Distances of the outer edges from lane 0, left and right.
    #[must_use]
    pub fn reach(&self, s: f64) -> [f64; 2] {
        let s = s.clamp(self.s, self.end.max(self.s));
        [&self.left, &self.right].map(|lanes| lanes.iter().fold(Edge::default(), |inner, l| l.outer(inner, s)).at)
    }
}

/// Sorts lanes from the middle outwards and puts lanes of no width where numbers are left out.
fn close_gaps(
    reader: &mut Reader,
    node: Node,
    lanes: &mut Vec<Lane>,
    sign: i32,
    base: f64,
) -> Result<(), OpenDriveError> {
    lanes.sort_by_key(|lane| lane.id.abs());
    if let Some(twice) = lanes.windows(2).find(|two| two[0].id == two[1].id) {
        return Err(reader.error(node, format!("has two lanes {}", twice[0].id), "number its lanes differently"));
    }
    let most = lanes.last().map_or(0, |lane| lane.id.abs());
    if lanes.len() < most.unsigned_abs() as usize {
        reader.note(node, "lane numbers with gaps");
        for id in (1..=most).map(|n| n * sign) {
            if lanes.iter().all(|lane| lane.id != id) {
                lanes.push(Lane::missing(id, base));
            }
        }
        lanes.sort_by_key(|lane| lane.id.abs());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: &str = "<width sOffset='0' a='3' b='0' c='0' d='0'/>";

    fn section(xml: &str) -> Result<Section, OpenDriveError> {
        let document = roxmltree::Document::parse(xml).unwrap();
        let mut section = Section::read(&mut Reader::new("test"), document.root_element(), None)?;
        section.end = 100.0;
        Ok(section)
    }

    #[test]
    fn a_place_across_the_road_finds_its_lane_and_back() {
        let section = section(&format!(
            "<laneSection s='0'><left><lane id='1' type='driving'>{WIDTH}</lane></left><right><lane id='-2' type='driving'>\
             {WIDTH}</lane><lane id='-1' type='driving'>{WIDTH}</lane></right></laneSection>"
        ))
        .unwrap();
        assert_eq!(section.lane_at(1.0, 5.0), (1, -0.5));
        assert_eq!(section.lane_at(-4.0, 5.0), (-2, 0.5));
        assert_eq!(section.lane_at(-9.0, 5.0), (-2, -4.5));
        let [inner, outer] = section.edges(-2, 5.0).unwrap();
        assert_eq!((inner.at, outer.at), (3.0, 6.0));
        assert_eq!(section.edges(2, 5.0), None);
        assert_eq!(section.lanes().map(|l| l.id).collect::<Vec<_>>(), [1, -1, -2]);
    }

    #[test]
    fn a_lane_twice_is_refused_and_a_gap_is_closed() {
        let twice = section("<laneSection s='0'><right><lane id='-1'/><lane id='-1'/></right></laneSection>");
        assert!(twice.unwrap_err().to_string().contains("two lanes -1"));
        let gap = section(&format!("<laneSection s='0'><right><lane id='-3'>{WIDTH}</lane></right></laneSection>"));
        assert_eq!(gap.unwrap().lane_at(-1.0, 0.0), (-3, 0.5));
        assert!(section("<laneSection s='0'><left><lane id='1000000000'/></left></laneSection>").is_err());
    }
}
