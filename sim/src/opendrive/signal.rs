//! Signals and signs beside the road, references to them from other roads, and controllers that group them.

use roxmltree::Node;

use super::OpenDriveError;
use super::xml::{Reader, children, yes};

/// For which traffic something on the road holds.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Orientation {
    /// Traffic in direction of `s`.
    Forward,
    /// Traffic against `s`.
    Backward,
    /// Both.
    #[default]
    Both,
}

impl Orientation {
    pub(super) fn read(node: Node) -> Self {
        match node.attribute("orientation") {
            Some("+") => Self::Forward,
            Some("-") => Self::Backward,
            _ => Self::Both,
        }
    }
}

/// A signal or sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Id in the file.
    pub id: String,
    /// Name in the file.
    pub name: String,
    /// Along the road, metres.
    pub s: f64,
    /// To the left, metres.
    pub t: f64,
    /// Above the road, metres.
    pub z_offset: f64,
    /// It has lamps or contents that change.
    pub dynamic: bool,
    /// For which traffic.
    pub orientation: Orientation,
    /// Whose catalogue `kind` and `subtype` are from.
    pub country: String,
    /// Type in that catalogue, such as 1000001 for a traffic light.
    pub kind: String,
    /// Subtype.
    pub subtype: String,
    /// Its value, for instance of a speed limit.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: String,
    /// Its text.
    pub text: String,
    /// Turned against the road (or its orientation), radians.
    pub h_offset: f64,
    /// Width and height, metres, where given.
    pub size: [Option<f64>; 2],
    /// Lanes that it holds for, as ranges; none: all.
    pub lanes: Vec<(i32, i32)>,
    /// Where it stands in the world when that is elsewhere than at `s`, `t` (`positionInertial`): x, y, z, heading.
    pub stands_at: Option<[f64; 4]>,
    /// Signals and other things that it depends on.
    pub depends_on: Vec<String>,
}

/// A signal of another road that holds here too.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalReference {
    /// Id of the signal.
    pub id: String,
    /// Along this road, metres.
    pub s: f64,
    /// To the left, metres.
    pub t: f64,
    /// For which traffic.
    pub orientation: Orientation,
    /// Lanes that it holds for, as ranges; none: all.
    pub lanes: Vec<(i32, i32)>,
}

/// Signals that are switched together.
#[derive(Clone, Debug, PartialEq)]
pub struct Controller {
    /// Id in the file.
    pub id: String,
    /// Name in the file.
    pub name: String,
    /// Ids of its signals.
    pub signals: Vec<String>,
}

impl Signal {
    pub(super) fn read_all(reader: &mut Reader, node: Option<Node>) -> Result<Vec<Self>, OpenDriveError> {
        let Some(node) = node else { return Ok(Vec::new()) };
        reader.expect(node, &["signal", "signalReference"]);
        children(node, "signal").map(|node| Self::read(reader, node)).collect()
    }

    fn read(reader: &mut Reader, node: Node) -> Result<Self, OpenDriveError> {
        reader.expect(node, &["validity", "dependency", "reference", "positionRoad", "positionInertial", "semantics"]);
        let text = |name| node.attribute(name).unwrap_or_default().to_owned();
        for element in children(node, "positionRoad") {
            reader.note(element, "`positionRoad` of a signal: it is shown where it holds");
        }
        let stands = children(node, "positionInertial").next();
        let stands_at = match stands {
            None => None,
            Some(node) => Some([
                reader.number(node, "x")?,
                reader.number(node, "y")?,
                reader.number(node, "z")?,
                reader.number_or(node, "hdg", 0.0)?,
            ]),
        };
        Ok(Self {
            id: reader.text(node, "id")?.to_owned(),
            name: text("name"),
            s: reader.number(node, "s")?,
            t: reader.number(node, "t")?,
            z_offset: reader.number_or(node, "zOffset", 0.0)?,
            dynamic: yes(node, "dynamic"),
            orientation: Orientation::read(node),
            country: text("country"),
            kind: text("type"),
            subtype: text("subtype"),
            // Some tools write words there.
            value: node.attribute("value").and_then(|v| v.trim().parse().ok()).filter(|v: &f64| v.is_finite()),
            unit: text("unit"),
            text: text("text"),
            h_offset: reader.number_or(node, "hOffset", 0.0)?,
            size: [reader.number_if(node, "width")?, reader.number_if(node, "height")?],
            lanes: validity(reader, node)?,
            stands_at,
            depends_on: children(node, "dependency").filter_map(|d| d.attribute("id")).map(str::to_owned).collect(),
        })
    }

    /// A traffic light: it changes, and its type is one of the OpenDRIVE catalogue's lights or of no catalogue.
    #[must_use]
    pub fn is_traffic_light(&self) -> bool {
        const LIGHTS: std::ops::RangeInclusive<u32> = 1_000_001..=1_000_020;
        self.dynamic && self.kind.parse().map_or(true, |kind| LIGHTS.contains(&kind))
    }
}

impl SignalReference {
    pub(super) fn read_all(reader: &mut Reader, node: Option<Node>) -> Result<Vec<Self>, OpenDriveError> {
        let mut out = Vec::new();
        for node in node.into_iter().flat_map(|node| children(node, "signalReference")) {
            out.push(Self {
                id: reader.text(node, "id")?.to_owned(),
                s: reader.number(node, "s")?,
                t: reader.number_or(node, "t", 0.0)?,
                orientation: Orientation::read(node),
                lanes: validity(reader, node)?,
            });
        }
        Ok(out)
    }
}

impl Controller {
    pub(super) fn read(reader: &mut Reader, node: Node) -> Result<Self, OpenDriveError> {
        reader.expect(node, &["control"]);
        Ok(Self {
            id: reader.text(node, "id")?.to_owned(),
            name: node.attribute("name").unwrap_or_default().to_owned(),
            signals: children(node, "control").filter_map(|c| c.attribute("signalId")).map(str::to_owned).collect(),
        })
    }
}

/// Lanes for which something holds, as ranges with the smaller number first.
pub(super) fn validity(reader: &Reader, node: Node) -> Result<Vec<(i32, i32)>, OpenDriveError> {
    let mut out = Vec::new();
    for element in children(node, "validity") {
        let (a, b) = (reader.integer(element, "fromLane")?, reader.integer(element, "toLane")?);
        out.push((a.min(b), a.max(b)));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_read_with_its_lanes_and_a_bad_number_is_named() {
        let xml = "<signals><signal id='5' s='10' t='-4' dynamic='yes' orientation='-' type='1000001' subtype='-1' \
            country='OpenDRIVE' zOffset='3.5'><validity fromLane='2' toLane='1'/></signal>\
            <signalReference id='6' s='1' t='0' orientation='+'/></signals>";
        let document = roxmltree::Document::parse(xml).unwrap();
        let mut reader = Reader::new("test");
        let signals = Signal::read_all(&mut reader, Some(document.root_element())).unwrap();
        assert_eq!((signals[0].orientation, &signals[0].lanes[..]), (Orientation::Backward, &[(1, 2)][..]));
        assert!(signals[0].is_traffic_light());
        let others = SignalReference::read_all(&mut reader, Some(document.root_element())).unwrap();
        assert_eq!((others[0].id.as_str(), others[0].orientation), ("6", Orientation::Forward));
        let document = roxmltree::Document::parse("<signals>\n<signal id='5' s='NaN' t='0'/></signals>").unwrap();
        let error = Signal::read_all(&mut reader, Some(document.root_element())).unwrap_err();
        assert_eq!((error.line, error.element.as_str()), (2, "signal"));
    }
}
