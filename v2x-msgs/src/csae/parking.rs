//! PAM between model and wire.

use super::mapping::frame::{from_id, to_count};
use super::mapping::map::{from_points, from_width, to_points, to_width};
use super::mapping::motion::{from_speed, to_speed_or_none};
use super::mapping::place::{Place, from_point, from_position3d, position, reference, to_point, to_position3d};
use super::mapping::time::{from_minute, to_minute};
use super::wire;
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated, to_optional};
use crate::csae::quantity::{Steps, at_most};
use crate::csae::{each, each_or_none, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{Pam, ParkingDrive, ParkingGuide, ParkingLot, ParkingNode, ParkingSlot, Position, SlotPosition};

/// `heightRestriction`: 0.1 m.
const HEADROOM: Steps = Steps::new(10.0, 0, 100);

pub(super) fn to_wire(pam: &Pam) -> Result<wire::PamData, EncodeError> {
    Ok(wire::PamData {
        msg_cnt: to_count(pam.msg_cnt)?,
        time_stamp: to_minute("time_stamp_min", pam.time_stamp_min)?,
        parking_lot_info: to_lot(&pam.lot).map_err(|e| e.under("lot"))?,
        pam_nodes: wire::PamNodeList(each("nodes", &pam.nodes, to_node)?),
        parking_area_guidance: each_or_none("guidance", &pam.guidance, |guide| Ok(to_guide(guide)))?,
    })
}

pub(super) fn from_wire(pam: &wire::PamData) -> Result<Pam, DecodeError> {
    Ok(Pam {
        msg_cnt: pam.msg_cnt.0,
        time_stamp_min: from_minute(pam.time_stamp.as_ref()),
        lot: from_lot(&pam.parking_lot_info),
        nodes: list("nodes", &pam.pam_nodes.0, from_node)?,
        guidance: pam.parking_area_guidance.iter().flatten().map(from_guide).collect(),
    })
}

fn to_lot(lot: &ParkingLot) -> Result<wire::ParkingLotInfo, EncodeError> {
    Ok(wire::ParkingLotInfo {
        id: lot.id,
        name: lot.name.clone().map(wire::DescriptiveName),
        number: lot.number,
        building_layer_num: lot.layers.map(|floors| at_most("layers", floors, 256)).transpose()?,
        avp_type: to_optional("avp_type", lot.avp_type)?,
    })
}

fn from_lot(lot: &wire::ParkingLotInfo) -> ParkingLot {
    ParkingLot {
        id: lot.id,
        name: lot.name.as_ref().map(|name| name.0.clone()),
        number: lot.number,
        layers: lot.building_layer_num,
        avp_type: lot.avp_type.as_ref().and_then(from_enumerated),
    }
}

fn to_node(node: &ParkingNode) -> Result<wire::PamNode, EncodeError> {
    let from = reference(node.ref_pos.as_ref())?;
    if let Some(floor) = node.floor.filter(|floor| !(-128..=128).contains(floor)) {
        return Err(EncodeError::out_of_range("floor", floor, "-128 to 128"));
    }
    let drives = each_or_none("in_drives", &node.in_drives, |drive| to_drive(drive, from))?;
    Ok(wire::PamNode {
        id: wire::PamNodeId(node.id),
        ref_pos: to_position3d(from),
        floor: node.floor,
        attributes: node.attributes.as_ref().map(to_bits).map(wire::PamNodeAttributes),
        in_drives: drives.map(wire::PamDriveList),
    })
}

fn from_node(node: &wire::PamNode) -> Result<ParkingNode, DecodeError> {
    let from = from_position3d(&node.ref_pos);
    let drives = node.in_drives.iter().flat_map(|drives| &drives.0);
    Ok(ParkingNode {
        id: node.id.0,
        ref_pos: position(from),
        floor: node.floor,
        attributes: node.attributes.as_ref().map(|bits| from_bits(&bits.0)),
        in_drives: list("in_drives", drives, |drive| from_drive(drive, from))?,
    })
}

fn to_drive(drive: &ParkingDrive, from: Option<Place>) -> Result<wire::PamDrive, EncodeError> {
    let headroom = drive.height_limit_m.map(|m| HEADROOM.saturate_above("height_limit_m", m)).transpose()?;
    let movements: Vec<wire::PamNodeId> = drive.movements.iter().copied().map(wire::PamNodeId).collect();
    let slots = each_or_none("slots", &drive.slots, |slot| to_slot(slot, from))?;
    Ok(wire::PamDrive {
        upstream_pam_node_id: wire::PamNodeId(drive.upstream_node_id),
        drive_id: drive.drive_id,
        twoway_sepration: drive.two_way_separation,
        speed_limit: to_speed_or_none("speed_limit_mps", drive.speed_limit_mps)?,
        height_restriction: headroom.map(|steps| steps as u8),
        drive_width: to_width("width_m", drive.width_m)?,
        lane_num: drive.lane_num.map(|lanes| at_most("lane_num", lanes, 100)).transpose()?,
        points: to_points(&drive.points, from)?,
        movements: (!movements.is_empty()).then_some(wire::PamMovementList(movements)),
        parking_slots: slots.map(wire::ParkingSlots),
    })
}

fn from_drive(drive: &wire::PamDrive, from: Option<Place>) -> Result<ParkingDrive, DecodeError> {
    let slots = drive.parking_slots.iter().flat_map(|slots| &slots.0);
    Ok(ParkingDrive {
        upstream_node_id: drive.upstream_pam_node_id.0,
        drive_id: drive.drive_id,
        two_way_separation: drive.twoway_sepration,
        speed_limit_mps: drive.speed_limit.as_ref().and_then(from_speed),
        height_limit_m: drive.height_restriction.map(|steps| HEADROOM.value(i64::from(steps))),
        width_m: from_width(drive.drive_width.as_ref()),
        lane_num: drive.lane_num,
        points: from_points(drive.points.as_ref(), from)?,
        movements: drive.movements.iter().flat_map(|list| &list.0).map(|node| node.0).collect(),
        slots: list("slots", slots, |slot| from_slot(slot, from))?,
    })
}

fn to_slot(slot: &ParkingSlot, from: Option<Place>) -> Result<wire::ParkingSlot, EncodeError> {
    let corner = |field, place: &Position| to_point(place, from).map_err(|e| e.under(field));
    let corners = |at: &SlotPosition| {
        Ok(wire::ParkingSlotPosition {
            top_left: corner("top_left", &at.top_left)?,
            top_right: corner("top_right", &at.top_right)?,
            bottom_left: corner("bottom_left", &at.bottom_left)?,
        })
    };
    Ok(wire::ParkingSlot {
        slot_id: slot.id,
        position: part("position", slot.position.as_ref(), corners)?,
        sign: slot.sign.clone().map(wire::DescriptiveName),
        parking_type: wire::ParkingType(to_bits(&slot.parking_type)),
        status: to_enumerated("status", slot.status)?,
        parking_space_theta: to_enumerated("theta", slot.theta)?,
        parking_lock: to_enumerated("lock", slot.lock)?,
    })
}

fn from_slot(slot: &wire::ParkingSlot, from: Option<Place>) -> Result<ParkingSlot, DecodeError> {
    let corners = |at: &wire::ParkingSlotPosition| {
        Ok(SlotPosition {
            top_left: from_point("top_left", &at.top_left, from)?,
            top_right: from_point("top_right", &at.top_right, from)?,
            bottom_left: from_point("bottom_left", &at.bottom_left, from)?,
        })
    };
    let place = slot.position.as_ref().map(corners).transpose();
    Ok(ParkingSlot {
        id: slot.slot_id,
        position: place.map_err(|e: DecodeError| e.under("position"))?,
        sign: slot.sign.as_ref().map(|sign| sign.0.clone()),
        parking_type: from_bits(&slot.parking_type.0),
        status: from_enumerated(&slot.status).unwrap_or_default(),
        theta: from_enumerated(&slot.parking_space_theta).unwrap_or_default(),
        lock: from_enumerated(&slot.parking_lock).unwrap_or_default(),
    })
}

fn to_guide(guide: &ParkingGuide) -> wire::ParkingGuide {
    wire::ParkingGuide {
        veh_id: guide.veh_id.0.to_vec(),
        drive_path: guide.drive_path.iter().copied().map(wire::PamNodeId).collect(),
        target_parking_slot: guide.target_slot,
    }
}

fn from_guide(guide: &wire::ParkingGuide) -> ParkingGuide {
    ParkingGuide {
        veh_id: from_id(&guide.veh_id),
        drive_path: guide.drive_path.iter().map(|node| node.0).collect(),
        target_slot: guide.target_parking_slot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_lanes_and_layers_beyond_the_wire_are_refused_with_the_field() {
        let node = |node: ParkingNode| to_wire(&Pam { nodes: vec![node], ..Pam::default() });
        let drive = |drive: ParkingDrive| node(ParkingNode { in_drives: vec![drive], ..ParkingNode::default() });
        let refused = [
            (node(ParkingNode { floor: Some(129), ..ParkingNode::default() }), "nodes[0].floor: 129"),
            (
                drive(ParkingDrive { lane_num: Some(101), ..ParkingDrive::default() }),
                "nodes[0].in_drives[0].lane_num: 101",
            ),
            (
                to_wire(&Pam { lot: ParkingLot { layers: Some(257), ..ParkingLot::default() }, ..Pam::default() }),
                "lot.layers: 257",
            ),
        ];
        for (result, words) in refused {
            let error = result.unwrap_err().to_string();
            assert!(error.starts_with(words), "{error} does not begin with {words}");
        }
        assert!(node(ParkingNode { floor: Some(-128), ..ParkingNode::default() }).is_ok());
    }
}
