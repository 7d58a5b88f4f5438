//! One world step may need several messages: an RSM carries at most 16 participants.

use crate::model::{Participant, Rsm};
use crate::units::next_count;

/// Participants that one RSM holds (T/CSAE 53-2020, DF_ParticipantList).
pub const PARTICIPANTS_A_MESSAGE: usize = 16;

/// Cuts an RSM with any number of participants into messages of at most 16, in their order, with counts that go on from
/// the given one. All parts keep reference position and second marks, so that a receiver sees one picture. A unit that
/// speaks of itself (participant id 0) does so once, in the first part. No participants: no message.
///
/// ```
/// use v2x_msgs::{model::{Participant, Rsm}, split};
/// let participants = (0..40).map(|ptc_id| Participant { ptc_id, ..Participant::default() }).collect();
/// let parts = split::rsm(Rsm { msg_cnt: 127, participants, ..Rsm::default() });
/// assert_eq!(parts.iter().map(|p| p.participants.len()).collect::<Vec<_>>(), [16, 16, 8]);
/// assert_eq!(parts.iter().map(|p| p.msg_cnt).collect::<Vec<_>>(), [127, 0, 1]);
/// ```
#[must_use]
pub fn rsm(whole: Rsm) -> Vec<Rsm> {
    let Rsm { mut msg_cnt, id, utc_time, ref_pos, participants } = whole;
    let (own, seen): (Vec<_>, Vec<_>) = participants.into_iter().partition(|p| p.ptc_id == Participant::SELF_ID);
    let list: Vec<Participant> = own.into_iter().take(1).chain(seen).collect();
    let mut parts = Vec::with_capacity(list.len().div_ceil(PARTICIPANTS_A_MESSAGE));
    for chunk in list.chunks(PARTICIPANTS_A_MESSAGE) {
        parts.push(Rsm { msg_cnt, id, utc_time, ref_pos, participants: chunk.to_vec() });
        msg_cnt = next_count(msg_cnt);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(ids: impl IntoIterator<Item = u16>) -> Vec<Participant> {
        ids.into_iter()
            .map(|ptc_id| Participant { ptc_id, sec_mark_ms: Some(31_700), ..Participant::default() })
            .collect()
    }

    #[test]
    fn every_participant_is_in_exactly_one_part_and_the_order_stays() {
        for count in [1_u16, 15, 16, 17, 32, 33, 200] {
            let parts = rsm(Rsm { participants: seen(1..=count), ..Rsm::default() });
            let ids: Vec<u16> = parts.iter().flat_map(|p| p.participants.iter().map(|q| q.ptc_id)).collect();
            assert_eq!(ids, (1..=count).collect::<Vec<_>>());
            assert!(parts.iter().all(|p| (1..=16).contains(&p.participants.len())));
            assert!(parts.iter().flat_map(|p| &p.participants).all(|p| p.sec_mark_ms == Some(31_700)));
        }
    }

    #[test]
    fn the_unit_speaks_of_itself_once_and_first() {
        let parts = rsm(Rsm { participants: seen((1..20).chain([0, 0])), ..Rsm::default() });
        assert_eq!(parts[0].participants[0].ptc_id, 0);
        assert_eq!(parts.iter().flat_map(|p| &p.participants).filter(|p| p.ptc_id == 0).count(), 1);
    }

    #[test]
    fn nobody_there_means_no_message() {
        assert!(rsm(Rsm::default()).is_empty());
    }
}
