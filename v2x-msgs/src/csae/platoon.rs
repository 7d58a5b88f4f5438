//! CLPMM between model and wire.

use super::mapping::frame::{from_id, to_count};
use super::mapping::time::{from_second, to_second};
use super::wire;
use crate::csae::named::{from_enumerated, to_enumerated};
use crate::csae::part;
use crate::error::EncodeError;
use crate::model::{Clpmm, PlatoonMembers, PlatoonRole, PlatoonStatus, StationId};

pub(super) fn to_wire(platoon: &Clpmm) -> Result<wire::Clpmm, EncodeError> {
    Ok(wire::Clpmm {
        msg_cnt: to_count(platoon.msg_cnt)?,
        id: platoon.id.0.to_vec(),
        sec_mark: to_second("sec_mark_ms", platoon.sec_mark_ms)?,
        pid: platoon.pid.clone(),
        role: to_enumerated("role", platoon.role)?,
        status: to_enumerated("status", platoon.status)?,
        leading_ext: part("leading_ext", platoon.leading_ext.as_ref(), to_members)?,
    })
}

pub(super) fn from_wire(platoon: &wire::Clpmm) -> Clpmm {
    Clpmm {
        msg_cnt: platoon.msg_cnt.0,
        id: from_id(&platoon.id),
        sec_mark_ms: from_second(&platoon.sec_mark),
        pid: platoon.pid.clone(),
        role: from_enumerated(&platoon.role).unwrap_or(PlatoonRole::FreeVehicle),
        status: from_enumerated(&platoon.status).unwrap_or(PlatoonStatus::Navigating),
        leading_ext: platoon.leading_ext.as_ref().map(from_members),
    }
}

fn to_members(members: &PlatoonMembers) -> Result<wire::MemberManagement, EncodeError> {
    if !(1..=32).contains(&members.capacity) {
        return Err(EncodeError::out_of_range("capacity", members.capacity, "1 to 32"));
    }
    let nodes =
        |ids: &[StationId]| wire::MemberList(ids.iter().map(|id| wire::MemberNode { vid: id.0.to_vec() }).collect());
    let some = |ids: &[StationId]| (!ids.is_empty()).then(|| nodes(ids));
    Ok(wire::MemberManagement {
        member_list: nodes(&members.member_list),
        joining_list: some(&members.joining_list),
        leaving_list: some(&members.leaving_list),
        capacity: members.capacity,
        open_to_join: members.open_to_join,
    })
}

fn from_members(members: &wire::MemberManagement) -> PlatoonMembers {
    let ids =
        |list: Option<&wire::MemberList>| list.iter().flat_map(|list| &list.0).map(|node| from_id(&node.vid)).collect();
    PlatoonMembers {
        member_list: ids(Some(&members.member_list)),
        joining_list: ids(members.joining_list.as_ref()),
        leaving_list: ids(members.leaving_list.as_ref()),
        capacity: members.capacity,
        open_to_join: members.open_to_join,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platoon_of_none_and_one_of_33_are_refused_with_the_field() {
        for capacity in [0, 33] {
            let members = PlatoonMembers { capacity, ..PlatoonMembers::default() };
            let platoon = Clpmm { leading_ext: Some(members), ..Clpmm::default() };
            let error = to_wire(&platoon).unwrap_err().to_string();
            assert!(error.starts_with(&format!("leading_ext.capacity: {capacity} is out of range")), "{error}");
        }
    }
}
