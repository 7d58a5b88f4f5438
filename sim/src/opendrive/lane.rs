//! One lane of a lane section: what it is for, how wide and high it is, where it leads.

use roxmltree::Node;

use super::OpenDriveError;
use super::profile::Profile;
use super::xml::{Reader, child, children, yes};

/// What a lane is for (ASAM OpenDRIVE 1.8, e_laneType; older names are folded in).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LaneKind {
    /// Motor vehicles.
    Driving,
    /// Entry of a motorway.
    Entry,
    /// Exit of a motorway.
    Exit,
    /// Ramp onto a motorway.
    OnRamp,
    /// Ramp off a motorway.
    OffRamp,
    /// Ramp between motorways.
    ConnectingRamp,
    /// Turn lane beside a crossing.
    SlipLane,
    /// Driven in both directions.
    Bidirectional,
    /// Buses.
    Bus,
    /// Taxis.
    Taxi,
    /// High-occupancy vehicles.
    Hov,
    /// Bicycles.
    Biking,
    /// People on foot.
    Walking,
    /// Parking.
    Parking,
    /// Hard shoulder.
    Shoulder,
    /// Emergency stop lane.
    Stop,
    /// Border, not to be driven.
    Border,
    /// Kerb.
    Curb,
    /// Between carriageways.
    Median,
    /// Traffic island, restricted area.
    Restricted,
    /// Road works.
    RoadWorks,
    /// Trams.
    Tram,
    /// Trains.
    Rail,
    /// Something of its own (`special1`, `special2`, `special3`, `shared`).
    Special,
    /// Nothing.
    None,
}

impl LaneKind {
    /// By its name in the file, names of 1.4 and later.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        use LaneKind::*;
        Some(match name {
            "driving" => Driving,
            "entry" | "mwyEntry" => Entry,
            "exit" | "mwyExit" => Exit,
            "onRamp" => OnRamp,
            "offRamp" => OffRamp,
            "connectingRamp" => ConnectingRamp,
            "slipLane" => SlipLane,
            "bidirectional" => Bidirectional,
            "bus" => Bus,
            "taxi" => Taxi,
            "HOV" => Hov,
            "biking" => Biking,
            "walking" | "sidewalk" => Walking,
            "parking" => Parking,
            "shoulder" => Shoulder,
            "stop" => Stop,
            "border" => Border,
            "curb" => Curb,
            "median" => Median,
            "restricted" => Restricted,
            "roadWorks" => RoadWorks,
            "tram" => Tram,
            "rail" => Rail,
            "special1" | "special2" | "special3" | "shared" => Special,
            "none" => None,
            _ => return Option::None,
        })
    }

    /// Motor vehicles may drive there.
    #[must_use]
    pub fn is_driven(self) -> bool {
        use LaneKind::*;
        matches!(
            self,
            Driving | Entry | Exit | OnRamp | OffRamp | ConnectingRamp | SlipLane | Bidirectional | Bus | Taxi | Hov
        )
    }
}

/// One lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Its number: positive on the left, negative on the right, 1 or -1 beside the centre.
    pub id: i32,
    /// What it is for.
    pub kind: LaneKind,
    /// It stays level where the road is banked.
    pub level: bool,
    /// Lanes it comes from in the section before, or on the road joined at the start.
    pub predecessors: Vec<i32>,
    /// Lanes it goes on to in the section after, or on the road joined at the end.
    pub successors: Vec<i32>,
    /// Where the section begins that drew it, metres along the road.
    base: f64,
    widths: Profile,
    borders: Profile,
    heights: Vec<Height>,
    /// From which distance after `base` which limit holds, m/s; `None`: no limit.
    speeds: Vec<(f64, Option<f64>)>,
}

/// How far a lane lies above the road, from a place on, metres.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Height {
    along: f64,
    inner: f64,
    outer: f64,
}

/// A distance from the middle of the road and how it changes along the road.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Edge {
    /// Metres, not negative.
    pub at: f64,
    /// Metres a metre.
    pub slope: f64,
}

impl Lane {
    /// A lane of no width, in place of a number that a file leaves out.
    pub(super) fn missing(id: i32, base: f64) -> Self {
        Self {
            id,
            kind: LaneKind::None,
            level: false,
            predecessors: Vec::new(),
            successors: Vec::new(),
            base,
            widths: Profile::default(),
            borders: Profile::default(),
            heights: Vec::new(),
            speeds: Vec::new(),
        }
    }

    /// Reads a `lane` element of the section that begins at `base`.
    pub(super) fn read(reader: &mut Reader, node: Node, id: i32, base: f64) -> Result<Self, OpenDriveError> {
        reader.expect(node, &["link", "width", "border", "height", "speed", "roadMark", "access", "material", "rule"]);
        let name = node.attribute("type").unwrap_or("none");
        let kind = LaneKind::named(name).unwrap_or_else(|| {
            reader.note(node, format!("lane type `{name}`, taken as `none`"));
            LaneKind::None
        });
        let mut lane = Self { kind, level: yes(node, "level"), ..Self::missing(id, base) };
        let link = child(node, "link");
        for (name, to) in [("predecessor", &mut lane.predecessors), ("successor", &mut lane.successors)] {
            for element in link.into_iter().flat_map(|link| children(link, name)) {
                to.push(reader.integer(element, "id")?);
            }
        }
        lane.widths = reader.profile(Some(node), "width", "sOffset")?;
        lane.borders = reader.profile(Some(node), "border", "sOffset")?;
        for element in children(node, "height") {
            let along = reader.number(element, "sOffset")?;
            let (inner, outer) = (reader.number(element, "inner")?, reader.number(element, "outer")?);
            lane.heights.push(Height { along, inner, outer });
        }
        lane.heights.sort_by(|a, b| a.along.total_cmp(&b.along));
        for element in children(node, "speed") {
            lane.speeds.push((reader.number(element, "sOffset")?, speed(reader, element)?));
        }
        lane.speeds.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(lane)
    }

    /// The same lane in a later section that does not draw this side anew (`singleSide`).
    pub(super) fn carried_on(&self) -> Self {
        Self { predecessors: vec![self.id], successors: vec![self.id], ..self.clone() }
    }

    /// The outer edge, given the inner one.
    pub(super) fn outer(&self, inner: Edge, s: f64) -> Edge {
        let along = s - self.base;
        if self.widths.is_empty() && !self.borders.is_empty() {
            // Written with the sign of t or without, depending on the tool.
            let at = self.borders.at(along);
            let border = Edge { at: at.abs(), slope: self.borders.slope(along) * at.signum() };
            return if border.at >= inner.at { border } else { inner };
        }
        let width = self.widths.at(along);
        if width > 0.0 { Edge { at: inner.at + width, slope: inner.slope + self.widths.slope(along) } } else { inner }
    }

    /// How far the lane lies above the road, `share` of its width from its inner edge, metres; even between records, as in
    /// esmini.
    pub(super) fn height(&self, s: f64, share: f64) -> f64 {
        let along = s - self.base;
        let next = self.heights.partition_point(|height| height.along <= along);
        let Some(from) = self.heights.get(next.saturating_sub(1)) else { return 0.0 };
        let (mut inner, mut outer) = (from.inner, from.outer);
        if let Some(to) = self.heights.get(next).filter(|to| next > 0 && to.along > from.along) {
            let part = (along - from.along) / (to.along - from.along);
            inner += part * (to.inner - inner);
            outer += part * (to.outer - outer);
        }
        inner + share.clamp(0.0, 1.0) * (outer - inner)
    }

    /// Its own speed limit: outside `None` when it has none and the road's holds, inside `None` for "no limit".
    pub(super) fn speed_limit(&self, s: f64) -> Option<Option<f64>> {
        let after = self.speeds.partition_point(|(from, _)| *from <= s - self.base);
        after.checked_sub(1).map(|at| self.speeds[at].1)
    }

    pub(super) fn has_heights(&self) -> bool {
        !self.heights.is_empty()
    }
}

/// A `speed` element, m/s; `None`: no limit or not known.
pub(super) fn speed(reader: &Reader, node: Node) -> Result<Option<f64>, OpenDriveError> {
    let factor = match node.attribute("unit") {
        Some("km/h") => 1.0 / 3.6,
        Some("mph") => 0.447_04,
        None | Some("m/s" | "") => 1.0,
        Some(unit) => return Err(reader.error(node, format!("`unit` is `{unit}`"), "write m/s, km/h or mph")),
    };
    if matches!(node.attribute("max"), None | Some("no limit" | "undefined")) {
        return Ok(None);
    }
    let limit = reader.number(node, "max")? * factor;
    Ok(Some(limit).filter(|limit| *limit > 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(xml: &str) -> Lane {
        let document = roxmltree::Document::parse(xml).unwrap();
        Lane::read(&mut Reader::new("test"), document.root_element(), -1, 100.0).unwrap()
    }

    #[test]
    fn widths_count_from_the_section_and_never_below_nothing() {
        let lane = lane(
            "<lane type='driving'><width sOffset='0' a='3' b='0' c='0' d='0'/><width sOffset='10' a='3' b='-1' c='0' d='0'/></lane>",
        );
        let inner = Edge { at: 1.0, slope: 0.5 };
        assert_eq!(lane.outer(inner, 105.0), Edge { at: 4.0, slope: 0.5 });
        assert_eq!(lane.outer(inner, 112.0), Edge { at: 2.0, slope: -0.5 });
        assert_eq!(lane.outer(inner, 120.0), inner);
    }

    #[test]
    fn borders_are_measured_from_the_middle_of_the_road() {
        for sign in ["", "-"] {
            let lane = lane(&format!(
                "<lane type='driving'><border sOffset='0' a='{sign}4' b='{sign}0.1' c='0' d='0'/></lane>"
            ));
            let outer = lane.outer(Edge { at: 1.0, slope: 0.0 }, 110.0);
            assert!((outer.at - 5.0).abs() < 1e-12 && (outer.slope - 0.1).abs() < 1e-12, "{outer:?}");
        }
    }

    #[test]
    fn heights_rise_evenly_across_and_along_the_lane() {
        let lane = lane(
            "<lane type='sidewalk'><height sOffset='0' inner='0' outer='0.2'/><height sOffset='10' inner='0.1' outer='0.1'/></lane>",
        );
        assert!((lane.height(100.0, 0.5) - 0.1).abs() < 1e-12);
        assert!((lane.height(105.0, 1.0) - 0.15).abs() < 1e-12);
        assert!((lane.height(500.0, 0.3) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn speeds_know_their_unit() {
        let lane = lane(
            "<lane type='driving'><speed sOffset='5' max='36' unit='km/h'/><speed sOffset='9' max='no limit'/></lane>",
        );
        assert_eq!(lane.speed_limit(101.0), None);
        assert!((lane.speed_limit(106.0).unwrap().unwrap() - 10.0).abs() < 1e-12);
        assert_eq!(lane.speed_limit(110.0), Some(None));
    }
}
