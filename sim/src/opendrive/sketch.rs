//! Small road networks for tests.

use std::fmt::Write as _;

use super::Network;

/// A lane of 3.5 m for cars, with links.
pub fn lane(id: i32, predecessor: Option<i32>, successor: Option<i32>) -> String {
    let link = |name: &str, to: Option<i32>| to.map_or(String::new(), |to| format!("<{name} id='{to}'/>"));
    format!(
        "<lane id='{id}' type='driving'><link>{}{}</link><width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane>",
        link("predecessor", predecessor),
        link("successor", successor)
    )
}

/// Lanes 1 and -1 in one section, each linked to the lane of the same number.
pub fn two_lanes() -> String {
    section(0.0, &lane(1, Some(1), Some(1)), &lane(-1, Some(-1), Some(-1)))
}

/// A lane section.
pub fn section(s: f64, left: &str, right: &str) -> String {
    format!(
        "<laneSection s='{s}'><left>{left}</left><center><lane id='0'/></center><right>{right}</right></laneSection>"
    )
}

/// A road in the making.
pub struct Sketch {
    /// Id.
    pub id: &'static str,
    /// Attributes of the `road`.
    pub attributes: &'static str,
    /// What its start and its finish are joined to: `road 7 end`, `junction 3`, or nothing.
    pub joined: [&'static str; 2],
    /// Where it starts: x, y, heading.
    pub at: [f64; 3],
    /// Curvature and length of its pieces.
    pub pieces: Vec<(f64, f64)>,
    /// Lane offsets and sections.
    pub lanes: String,
    /// Other elements.
    pub more: String,
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            id: "1",
            attributes: "junction='-1'",
            joined: ["", ""],
            at: [0.0; 3],
            pieces: vec![(0.0, 100.0)],
            lanes: two_lanes(),
            more: String::new(),
        }
    }
}

impl Sketch {
    fn write(&self, out: &mut String) {
        let total: f64 = self.pieces.iter().map(|(_, length)| length).sum();
        let _ = write!(out, "<road id='{}' length='{total}' {}><link>", self.id, self.attributes);
        for (name, to) in ["predecessor", "successor"].iter().zip(self.joined) {
            let words: Vec<&str> = to.split(' ').collect();
            if let [kind, id, rest @ ..] = &words[..] {
                let contact = rest.first().unwrap_or(&"start");
                let _ = write!(out, "<{name} elementType='{kind}' elementId='{id}' contactPoint='{contact}'/>");
            }
        }
        out.push_str("</link><planView>");
        let ([mut x, mut y, mut hdg], mut s) = (self.at, 0.0);
        for (curvature, length) in &self.pieces {
            let _ = write!(
                out,
                "<geometry s='{s}' x='{x}' y='{y}' hdg='{hdg}' length='{length}'><arc curvature='{curvature}'/></geometry>"
            );
            let half = curvature * length / 2.0;
            let chord = if half == 0.0 { *length } else { length * half.sin() / half };
            (x, y) = (x + chord * (hdg + half).cos(), y + chord * (hdg + half).sin());
            (hdg, s) = (hdg + 2.0 * half, s + length);
        }
        let _ = write!(out, "</planView>{}<lanes>{}</lanes></road>", self.more, self.lanes);
    }
}

/// The file of some roads and other elements.
pub fn file(roads: &[Sketch], more: &str) -> String {
    let mut out = String::from("<OpenDRIVE><header revMajor='1' revMinor='6'/>\n");
    roads.iter().for_each(|road| road.write(&mut out));
    out + more + "</OpenDRIVE>"
}

/// The network of some roads and other elements.
pub fn network(roads: &[Sketch], more: &str) -> Network {
    Network::parse(&file(roads, more), "sketch").unwrap()
}

/// A crossing: road `in` leads east to junction 5; from it `straight`, `left` and `right` lead on to `east`, `north` and
/// `south`; `south` was drawn towards the crossing.
pub fn crossing() -> Network {
    use std::f64::consts::FRAC_PI_2;
    let turn = FRAC_PI_2 * 10.0;
    let through = |id, to, curvature: f64, length: f64, successor: i32| Sketch {
        id,
        attributes: "junction='5'",
        joined: ["road in end", to],
        at: [100.0, 0.0, 0.0],
        pieces: vec![(curvature, length)],
        lanes: section(0.0, "", &lane(-1, Some(-1), Some(successor))),
        ..Sketch::default()
    };
    let arm = |id, at, joined| Sketch { id, at, joined, ..Sketch::default() };
    let connection = |id, lane: i32| {
        format!(
            "<connection id='{id}' incomingRoad='in' connectingRoad='{id}' contactPoint='start'><laneLink from='{lane}' \
             to='-1'/></connection>"
        )
    };
    let junction = ["left", "straight", "right"].map(|id| connection(id, -1)).concat();
    network(
        &[
            arm("in", [0.0; 3], ["", "junction 5"]),
            arm("east", [120.0, 0.0, 0.0], ["junction 5", ""]),
            arm("north", [110.0, 10.0, FRAC_PI_2], ["junction 5", ""]),
            arm("south", [110.0, -110.0, FRAC_PI_2], ["", "junction 5"]),
            through("straight", "road east start", 0.0, 20.0, -1),
            through("left", "road north start", 0.1, turn, -1),
            through("right", "road south end", -0.1, turn, 1),
        ],
        &format!("<junction id='5' name='x'>{junction}</junction>"),
    )
}
