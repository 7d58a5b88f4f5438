//! Things on and beside the road: boxes, cylinders, outlines, rows, parking spaces, crosswalks.

use roxmltree::Node;

use super::OpenDriveError;
use super::signal::{Orientation, validity};
use super::xml::{Reader, child, children};

/// An object of the road.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Id in the file.
    pub id: String,
    /// Name in the file.
    pub name: String,
    /// Type in the file: `barrier`, `building`, `crosswalk`, `parkingSpace`, `pole`, `tree`, …
    pub kind: String,
    /// Along the road, metres.
    pub s: f64,
    /// To the left, metres.
    pub t: f64,
    /// Above the road, metres.
    pub z_offset: f64,
    /// Turned against the road, radians: heading, pitch, roll.
    pub turned: [f64; 3],
    /// For which traffic.
    pub orientation: Orientation,
    /// Its body where it has no outline.
    pub body: Body,
    /// Outlines, outer ones first as in the file.
    pub outlines: Vec<Outline>,
    /// Rows of the same object along the road.
    pub repeats: Vec<Repeat>,
    /// Lanes that it concerns, as ranges; none: all.
    pub lanes: Vec<(i32, i32)>,
    /// Who may park there, for parking spaces (`access` in the file).
    pub parking_access: Option<String>,
}

/// A simple body.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Body {
    /// A point, or only an outline.
    None,
    /// A box, metres.
    Box {
        /// Along its own heading.
        length: f64,
        /// Across.
        width: f64,
        /// Up.
        height: f64,
    },
    /// An upright cylinder, metres.
    Cylinder {
        /// Radius.
        radius: f64,
        /// Up.
        height: f64,
    },
}

/// A polygon.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// It is an area, not a line.
    pub closed: bool,
    /// Its corners.
    pub corners: Vec<Corner>,
}

/// A corner of an outline, metres.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Corner {
    /// In the object's own frame.
    Local {
        /// Forward.
        u: f64,
        /// Left.
        v: f64,
        /// Up.
        z: f64,
        /// Height of the object there.
        height: f64,
    },
    /// In road coordinates.
    Road {
        /// Along the road.
        s: f64,
        /// To the left.
        t: f64,
        /// Above the road.
        dz: f64,
        /// Height of the object there.
        height: f64,
    },
}

/// A row of the same object.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Repeat {
    /// Where it begins, metres.
    pub s: f64,
    /// How long it is, metres.
    pub length: f64,
    /// From one to the next, metres; 0: one long object.
    pub distance: f64,
    /// `t` at the start and at the end.
    pub t: [f64; 2],
    /// Width at the start and at the end, where it differs from the object's.
    pub width: [Option<f64>; 2],
    /// Height at the start and at the end.
    pub height: [Option<f64>; 2],
    /// Height above the road at the start and at the end.
    pub z_offset: [f64; 2],
}

impl Object {
    pub(super) fn read_all(reader: &mut Reader, node: Option<Node>) -> Result<Vec<Self>, OpenDriveError> {
        let Some(node) = node else { return Ok(Vec::new()) };
        reader.expect(node, &["object", "objectReference", "tunnel", "bridge"]);
        for name in ["objectReference", "tunnel", "bridge"] {
            children(node, name).for_each(|element| reader.note(element, format!("`{name}` of a road")));
        }
        children(node, "object").map(|node| Self::read(reader, node)).collect()
    }

    fn read(reader: &mut Reader, node: Node) -> Result<Self, OpenDriveError> {
        reader.expect(
            node,
            &[
                "outline",
                "outlines",
                "repeat",
                "validity",
                "parkingSpace",
                "material",
                "markings",
                "borders",
                "surface",
                "skeleton",
            ],
        );
        let text = |name| node.attribute(name).unwrap_or_default().to_owned();
        let mut outlines = Vec::new();
        let inside = child(node, "outlines").into_iter().flat_map(|outlines| children(outlines, "outline"));
        for outline in children(node, "outline").chain(inside) {
            outlines.push(Outline::read(reader, outline)?);
        }
        let mut repeats = Vec::new();
        for repeat in children(node, "repeat") {
            repeats.push(Repeat::read(reader, repeat)?);
        }
        Ok(Self {
            id: text("id"),
            name: text("name"),
            kind: text("type"),
            s: reader.number(node, "s")?,
            t: reader.number(node, "t")?,
            z_offset: reader.number_or(node, "zOffset", 0.0)?,
            turned: [
                reader.number_or(node, "hdg", 0.0)?,
                reader.number_or(node, "pitch", 0.0)?,
                reader.number_or(node, "roll", 0.0)?,
            ],
            orientation: Orientation::read(node),
            body: Body::read(reader, node)?,
            outlines,
            repeats,
            lanes: validity(reader, node)?,
            parking_access: child(node, "parkingSpace").map(|p| p.attribute("access").unwrap_or("all").to_owned()),
        })
    }

    /// It is a crosswalk.
    #[must_use]
    pub fn is_crosswalk(&self) -> bool {
        self.kind == "crosswalk"
    }

    /// It is a parking space.
    #[must_use]
    pub fn is_parking_space(&self) -> bool {
        self.kind == "parkingSpace" || self.parking_access.is_some()
    }
}

impl Body {
    fn read(reader: &Reader, node: Node) -> Result<Self, OpenDriveError> {
        let height = reader.number_or(node, "height", 0.0)?;
        if let Some(radius) = reader.number_if(node, "radius")?.filter(|radius| *radius > 0.0) {
            return Ok(Self::Cylinder { radius, height });
        }
        let (length, width) = (reader.number_or(node, "length", 0.0)?, reader.number_or(node, "width", 0.0)?);
        Ok(if length > 0.0 || width > 0.0 { Self::Box { length, width, height } } else { Self::None })
    }
}

impl Outline {
    fn read(reader: &mut Reader, node: Node) -> Result<Self, OpenDriveError> {
        let mut corners = Vec::new();
        for element in node.children().filter(Node::is_element) {
            let height = reader.number_or(element, "height", 0.0)?;
            match element.tag_name().name() {
                "cornerLocal" => corners.push(Corner::Local {
                    u: reader.number(element, "u")?,
                    v: reader.number(element, "v")?,
                    z: reader.number_or(element, "z", 0.0)?,
                    height,
                }),
                "cornerRoad" => corners.push(Corner::Road {
                    s: reader.number(element, "s")?,
                    t: reader.number(element, "t")?,
                    dz: reader.number_or(element, "dz", 0.0)?,
                    height,
                }),
                name => reader.note(element, format!("`{name}` in `outline`")),
            }
        }
        Ok(Self { closed: node.attribute("closed") != Some("false"), corners })
    }
}

impl Repeat {
    fn read(reader: &Reader, node: Node) -> Result<Self, OpenDriveError> {
        Ok(Self {
            s: reader.number(node, "s")?,
            length: reader.number(node, "length")?,
            distance: reader.number_or(node, "distance", 0.0)?,
            t: [reader.number_or(node, "tStart", 0.0)?, reader.number_or(node, "tEnd", 0.0)?],
            width: [reader.number_if(node, "widthStart")?, reader.number_if(node, "widthEnd")?],
            height: [reader.number_if(node, "heightStart")?, reader.number_if(node, "heightEnd")?],
            z_offset: [reader.number_or(node, "zOffsetStart", 0.0)?, reader.number_or(node, "zOffsetEnd", 0.0)?],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_outlines_rows_and_parking_spaces_are_read() {
        let xml = "<objects><object id='1' type='parkingSpace' s='5' t='3' hdg='0.1' length='5' width='2.5' height='0.1'>\
            <parkingSpace access='bus'/></object><object id='2' type='crosswalk' s='8' t='0'><outlines><outline closed='true'>\
            <cornerRoad s='7' t='-4' dz='0'/><cornerLocal u='1' v='2' z='0'/></outline></outlines></object>\
            <object id='3' type='pole' s='0' t='6' radius='0.1' height='4'>\
            <repeat s='0' length='100' distance='20' tStart='6' tEnd='7'/></object></objects>";
        let document = roxmltree::Document::parse(xml).unwrap();
        let objects = Object::read_all(&mut Reader::new("test"), Some(document.root_element())).unwrap();
        assert!(objects[0].is_parking_space() && objects[1].is_crosswalk());
        assert_eq!(objects[0].body, Body::Box { length: 5.0, width: 2.5, height: 0.1 });
        assert_eq!(objects[1].outlines[0].corners.len(), 2);
        assert_eq!(objects[2].body, Body::Cylinder { radius: 0.1, height: 4.0 });
        assert_eq!((objects[2].repeats[0].distance, objects[2].repeats[0].t), (20.0, [6.0, 7.0]));
    }
}
