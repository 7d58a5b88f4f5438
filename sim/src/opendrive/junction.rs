//! Junctions: which lane leads over which connecting road.

use roxmltree::Node;

use super::OpenDriveError;
use super::road::{End, contact};
use super::xml::{Reader, children};

/// What a junction is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum JunctionKind {
    /// Roads end at it and connecting roads lead through.
    Default,
    /// Roads are joined without connecting roads (entries and exits of motorways).
    Direct,
    /// Beside a road that goes on (driveways); cars on that road pass it.
    Virtual,
    /// Roads cross, or a crosswalk.
    Crossing,
}

/// A junction.
#[derive(Clone, Debug, PartialEq)]
pub struct Junction {
    /// Id in the file.
    pub id: String,
    /// Name in the file.
    pub name: String,
    /// What it is.
    pub kind: JunctionKind,
    /// Ways through it.
    pub connections: Vec<Connection>,
    /// Ids of signal controllers that belong to it.
    pub controllers: Vec<String>,
}

/// One way through a junction.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Id of the road that leads in.
    pub incoming: String,
    /// Id of the connecting road, or of the road beyond in a direct junction.
    pub connecting: String,
    /// End of that road at which it is entered.
    pub contact: End,
    /// Lanes of the incoming road and those they lead to; none: each leads to the lane of the same number.
    pub lanes: Vec<(i32, i32)>,
}

impl Connection {
    /// The lane that one of the incoming road leads to.
    pub fn onto(&self, lane: i32) -> impl Iterator<Item = i32> {
        let same = self.lanes.is_empty().then_some(lane);
        self.lanes.iter().filter(move |(from, _)| *from == lane).map(|(_, to)| *to).chain(same)
    }
}

impl Junction {
    pub(super) fn read(reader: &mut Reader, node: Node) -> Result<Self, OpenDriveError> {
        reader.expect(
            node,
            &["connection", "controller", "priority", "surface", "planView", "boundary", "elevationGrid"],
        );
        let kind = match node.attribute("type") {
            None | Some("default" | "") => JunctionKind::Default,
            Some("direct") => JunctionKind::Direct,
            Some("virtual") => JunctionKind::Virtual,
            Some("crossing") => JunctionKind::Crossing,
            Some(other) => {
                let remedy = "write default, direct, virtual or crossing";
                return Err(reader.error(node, format!("`type` is `{other}`"), remedy));
            }
        };
        if matches!(kind, JunctionKind::Virtual | JunctionKind::Crossing) {
            reader.note(
                node,
                format!(
                    "a junction of type `{}`: its connections are not driven",
                    node.attribute("type").unwrap_or_default()
                ),
            );
        }
        let mut connections = Vec::new();
        for element in children(node, "connection") {
            if let Some(connection) = Connection::read(reader, element)? {
                connections.push(connection);
            }
        }
        let controllers = children(node, "controller").filter_map(|c| c.attribute("id")).map(str::to_owned).collect();
        Ok(Self {
            id: reader.text(node, "id")?.to_owned(),
            name: node.attribute("name").unwrap_or_default().to_owned(),
            kind,
            connections,
            controllers,
        })
    }

    /// Its connections are driven: neither virtual nor a mere crossing.
    #[must_use]
    pub fn is_driven(&self) -> bool {
        matches!(self.kind, JunctionKind::Default | JunctionKind::Direct)
    }
}

impl Connection {
    fn read(reader: &mut Reader, node: Node) -> Result<Option<Self>, OpenDriveError> {
        reader.expect(node, &["laneLink", "predecessor", "successor"]);
        let (Some(incoming), Some(connecting)) =
            (node.attribute("incomingRoad"), node.attribute("connectingRoad").or(node.attribute("linkedRoad")))
        else {
            reader.note(node, "a `connection` without incoming or connecting road");
            return Ok(None);
        };
        let mut lanes = Vec::new();
        for link in children(node, "laneLink") {
            lanes.push((reader.integer(link, "from")?, reader.integer(link, "to")?));
        }
        let (incoming, connecting) = (incoming.to_owned(), connecting.to_owned());
        Ok(Some(Self { incoming, connecting, contact: contact(node), lanes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_leads_from_lane_to_lane() {
        let xml = "<junction id='7' name='x'><connection incomingRoad='1' connectingRoad='9' contactPoint='end'>\
            <laneLink from='-1' to='1'/><laneLink from='-2' to='2'/></connection>\
            <connection incomingRoad='2' connectingRoad='8'/><controller id='c'/></junction>";
        let document = roxmltree::Document::parse(xml).unwrap();
        let junction = Junction::read(&mut Reader::new("test"), document.root_element()).unwrap();
        let [first, second] = &junction.connections[..] else { panic!("{junction:?}") };
        assert_eq!((first.contact, first.onto(-2).collect::<Vec<_>>()), (End::Finish, vec![2]));
        assert_eq!(first.onto(-3).count(), 0);
        assert_eq!((second.contact, second.onto(-3).collect::<Vec<_>>()), (End::Start, vec![-3]));
        assert_eq!(junction.controllers, ["c"]);
    }
}
