//! What a file holds, counted.

use std::collections::BTreeMap;

use serde::Serialize;

use super::gaps::Gap;
use super::line::Shape;
use super::network::Header;
use super::road::Rule;
use super::xml::Note;
use super::{LaneKind, Network};

/// A jump of less is rounding, metres.
const GAP_M: f64 = 0.05;
/// A kink of less is rounding, radians.
const KINK_RAD: f64 = 0.05;

/// What a file holds.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// What the file says about itself.
    pub header: Header,
    /// Roads, those of junctions included.
    pub roads: usize,
    /// Those of them that lead through junctions.
    pub connecting_roads: usize,
    /// Roads on which traffic keeps left.
    pub left_hand_roads: usize,
    /// Length of all reference lines, metres.
    pub length_m: f64,
    /// Pieces of reference lines by shape.
    pub pieces: BTreeMap<&'static str, usize>,
    /// Roads that climb.
    pub climbing_roads: usize,
    /// Roads that are banked.
    pub banked_roads: usize,
    /// Lane sections.
    pub sections: usize,
    /// Length of lanes by kind, metres.
    pub lanes_m: BTreeMap<LaneKind, f64>,
    /// Junctions.
    pub junctions: usize,
    /// Connections of all junctions.
    pub connections: usize,
    /// Signals and signs.
    pub signals: usize,
    /// Those of them that are traffic lights.
    pub traffic_lights: usize,
    /// Signal controllers.
    pub controllers: usize,
    /// Objects by type.
    pub objects: BTreeMap<String, usize>,
    /// What was not understood and is left out.
    pub not_understood: Vec<Note>,
    /// Where linked lanes or pieces of a reference line do not meet: more than 5 cm or 0.05 rad apart.
    pub gaps: Vec<Gap>,
}

impl Network {
    /// Counts what the network holds.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary {
            header: self.header.clone(),
            roads: self.roads.len(),
            connecting_roads: self.roads.iter().filter(|road| road.junction.is_some()).count(),
            left_hand_roads: self.roads.iter().filter(|road| road.rule == Rule::Left).count(),
            length_m: self.roads.iter().map(|road| road.length).sum(),
            pieces: BTreeMap::new(),
            climbing_roads: self.roads.iter().filter(|road| !road.elevation.is_level()).count(),
            banked_roads: self.roads.iter().filter(|road| !road.lateral.superelevation.is_level()).count(),
            sections: self.roads.iter().map(|road| road.sections.len()).sum(),
            lanes_m: BTreeMap::new(),
            junctions: self.junctions.len(),
            connections: self.junctions.iter().map(|junction| junction.connections.len()).sum(),
            signals: self.signals().count(),
            traffic_lights: self.signals().filter(|(_, signal)| signal.is_traffic_light()).count(),
            controllers: self.controllers().len(),
            objects: BTreeMap::new(),
            not_understood: self.notes().to_vec(),
            gaps: self.gaps(GAP_M, KINK_RAD),
        };
        for road in &self.roads {
            for piece in road.pieces() {
                *summary.pieces.entry(shape(&piece.shape)).or_default() += 1;
            }
            for object in &road.objects {
                *summary.objects.entry(object.kind.clone()).or_default() += 1;
            }
            for (section, lane) in road.sections.iter().flat_map(|s| s.lanes().map(move |lane| (s, lane))) {
                *summary.lanes_m.entry(lane.kind).or_default() += section.end - section.s;
            }
        }
        summary
    }
}

fn shape(shape: &Shape) -> &'static str {
    match shape {
        Shape::Spiral { from, to } if from == to && *from == 0.0 => "line",
        Shape::Spiral { from, to } if from == to => "arc",
        Shape::Spiral { .. } => "spiral",
        Shape::Poly3(_) => "poly3",
        Shape::ParamPoly3 { .. } => "paramPoly3",
    }
}

#[cfg(test)]
mod tests {
    use super::super::sketch::crossing;

    #[test]
    fn a_crossing_is_counted() {
        let summary = crossing().summary();
        assert_eq!((summary.roads, summary.connecting_roads, summary.junctions, summary.connections), (7, 3, 1, 3));
        assert_eq!((summary.pieces["line"], summary.pieces["arc"]), (5, 2));
        let want = 4.0 * 200.0 + 20.0 + 10.0 * std::f64::consts::PI;
        assert!((summary.lanes_m.values().sum::<f64>() - want).abs() < 1e-9);
        assert!(summary.gaps.is_empty() && summary.not_understood.is_empty());
    }
}
