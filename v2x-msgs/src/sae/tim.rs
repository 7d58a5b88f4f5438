//! RSI of the model as TIM (traveler information): one data frame an event, one a sign. A received RSA (roadside alert) is an
//! RSI with one event.

use super::frame::to_count;
use super::geography::{Region, from_regions, to_regions};
use super::place::{from_position3d, to_position3d};
use super::time::{from_minute, to_minute};
use crate::csae::quantity::{NO_MINUTE, at_most};
use crate::csae::{each, list};
use crate::error::{DecodeError, EncodeError};
use crate::model::{Description, Itis, Position, ReferencePath, Rsi, Rte, Rts, StationId, TimeDetails, itis};
use crate::wire::j2735 as wire;

/// DE_MinutesDuration: until further notice.
const FOREVER_MIN: u32 = 32_000;
/// Minutes of a year without a leap day; the wire's start has no year that a sender must give.
const YEAR_MIN: u32 = 525_600;
/// Characters of a phrase on a sign (ITIStextPhrase), and phrases on it.
const PHRASE: usize = 16;
const PHRASES: usize = 16;
/// Radii of DE_Extent, metres, in its order; the first is "here only", the last "everywhere".
const EXTENT_M: [f64; 15] = [0.0, 3.0, 10.0, 50.0, 100.0, 500.0, 1e3, 5e3, 1e4, 5e4, 1e5, 5e5, 1e6, 5e6, 1e7];

pub(super) fn to_wire(rsi: &Rsi) -> Result<wire::TravelerInformation, EncodeError> {
    let mut frames = each("rtes", &rsi.rtes, |rte| to_event(rte, rsi))?;
    frames.extend(each("rtss", &rsi.rtss, |rts| to_sign(rts, rsi))?);
    let mut packet = rsi.id.0.to_vec();
    packet.push(0);
    Ok(wire::TravelerInformation {
        msg_cnt: to_count(rsi.msg_cnt)?,
        time_stamp: to_minute("moy", rsi.moy)?,
        packet_id: (rsi.id != StationId::default()).then_some(wire::UniqueMsgid(packet)),
        url_b: None,
        data_frames: wire::TravelerDataFrameList(frames),
        regional: None,
    })
}

pub(super) fn from_wire(tim: &wire::TravelerInformation) -> Result<Rsi, DecodeError> {
    let frames = list("dataFrames", &tim.data_frames.0, from_frame)?;
    let (mut rtes, mut rtss) = (Vec::new(), Vec::new());
    for said in frames {
        match said {
            Said::Event(rte) => rtes.push(Rte { rte_id: rtes.len() as u8, ..*rte }),
            Said::Sign(rts) => rtss.push(Rts { rts_id: rtss.len() as u8, ..*rts }),
        }
    }
    let id = tim.packet_id.as_ref().and_then(|id| <[u8; 8]>::try_from(id.0.get(..8)?).ok());
    Ok(Rsi {
        msg_cnt: tim.msg_cnt.0,
        moy: from_minute(tim.time_stamp.as_ref()),
        id: StationId(id.unwrap_or_default()),
        ref_pos: None,
        rtes,
        rtss,
    })
}

/// An alert has one event, and the phrases of its description say more about it.
pub(super) fn from_alert(alert: &wire::RoadSideAlert) -> Rsi {
    let phrases = std::iter::once(&alert.type_event).chain(alert.description.iter().flatten());
    let itis: Vec<Itis> = phrases.map(|code| Itis::Code(code.0)).collect();
    let place = alert.position.as_ref().and_then(|at| super::path::from_full(at).pos);
    let extent = alert.extent.as_ref().map(asn1rs::syn::enumerated::Constraint::to_choice_index);
    let reach = extent.and_then(|index| EXTENT_M.get(index as usize)).filter(|m| **m <= 6_553.5 && place.is_some());
    let rte = Rte {
        event_type: itis::event_of(&itis).unwrap_or(0),
        event_pos: place,
        event_radius_m: reach.copied(),
        // None is the lowest.
        priority: Some(alert.priority.as_ref().and_then(|p| p.0.first()).map_or(0, |octet| octet >> 5)),
        itis,
        ..Rte::default()
    };
    let moy = from_minute(alert.time_stamp.as_ref());
    Rsi { msg_cnt: alert.msg_cnt.0, moy, rtes: vec![rte], ..Rsi::default() }
}

enum Said {
    Event(Box<Rte>),
    Sign(Box<Rts>),
}

fn to_event(rte: &Rte, rsi: &Rsi) -> Result<wire::TravelerDataFrame, EncodeError> {
    let words = words(&rte.itis, rte.description.as_ref());
    let fallback =
        || itis::of_event(rte.event_type).map_or_else(|| text(&format!("event {}", rte.event_type)), Itis::Code);
    let mut said: Vec<Itis> = words;
    if rte.itis.is_empty() {
        let code = itis::of_event(rte.event_type).map(Itis::Code);
        said.splice(0..0, code);
    }
    if said.is_empty() {
        said.push(fallback());
    }
    let items = said.into_iter().map(|item| wire::ItiScodesAndTextItem {
        item: match item {
            Itis::Code(code) => wire::ItiScodesAndTextItemItem::Itis(wire::ItiScodes(code)),
            Itis::Text(text) => wire::ItiScodesAndTextItemItem::Text(wire::ItiStext(text)),
        },
    });
    let content = wire::TravelerDataFrameContent::Advisory(wire::ItiScodesAndText(items.collect()));
    let mut regions = to_regions(rte.event_pos.as_ref(), rte.event_radius_m, &rte.reference_paths)?;
    regions.truncate(16);
    let frame = Frame { at: rte.event_pos.as_ref(), when: rte.time_details.as_ref(), priority: rte.priority, rsi };
    frame.to_wire(wire::TravelerInfoType::Advisory, regions, content)
}

fn to_sign(rts: &Rts, rsi: &Rsi) -> Result<wire::TravelerDataFrame, EncodeError> {
    let mut items = Vec::new();
    let mut said = words(&rts.itis, rts.description.as_ref());
    if said.is_empty() {
        said.push(text(&format!("sign {}", rts.sign_type)));
    }
    for item in said {
        match item {
            Itis::Code(code) => items.push(wire::GenericSignageItemItem::Itis(wire::ItiScodes(code))),
            Itis::Text(text) => {
                // A phrase on a sign is short: a longer text goes on in the next one.
                let letters: Vec<char> = text.chars().collect();
                let phrases = letters.chunks(PHRASE).map(|phrase| wire::ItiStextPhrase(phrase.iter().collect()));
                items.extend(phrases.map(wire::GenericSignageItemItem::Text));
            }
        }
    }
    if items.len() > PHRASES {
        let (field, count) = ("description, in phrases of 16 letters".to_owned(), items.len());
        return Err(EncodeError::Count { field, count, least: 1, most: PHRASES as u64 });
    }
    let items = items.into_iter().map(|item| wire::GenericSignageItem { item }).collect();
    let content = wire::TravelerDataFrameContent::GenericSign(wire::GenericSignage(items));
    let mut regions = to_regions(rts.sign_pos.as_ref(), None, &rts.reference_paths)?;
    regions.truncate(16);
    let frame = Frame { at: rts.sign_pos.as_ref(), when: rts.time_details.as_ref(), priority: rts.priority, rsi };
    frame.to_wire(wire::TravelerInfoType::RoadSignage, regions, content)
}

fn text(words: &str) -> Itis {
    Itis::Text(words.to_owned())
}

/// What is said: phrases if there are any, else the description, if it is ASCII.
fn words(itis: &[Itis], description: Option<&Description>) -> Vec<Itis> {
    match (itis, description) {
        ([], Some(Description::TextString(words))) => vec![text(words)],
        (phrases, _) => phrases.to_vec(),
    }
}

/// What events and signs have in common.
struct Frame<'a> {
    at: Option<&'a Position>,
    when: Option<&'a TimeDetails>,
    priority: Option<u8>,
    rsi: &'a Rsi,
}

impl Frame<'_> {
    fn to_wire(
        &self,
        frame_type: wire::TravelerInfoType,
        regions: Vec<wire::GeographicalPath>,
        content: wire::TravelerDataFrameContent,
    ) -> Result<wire::TravelerDataFrame, EncodeError> {
        let start = self.when.and_then(|when| when.start_time_min);
        let end = self.when.and_then(|when| when.end_time_min);
        // An end needs a start to count from: the message's own minute if there is none.
        let from = start.or(self.rsi.moy.filter(|_| end.is_some()));
        let minutes = from.zip(end).map(|(from, end)| (YEAR_MIN + end % YEAR_MIN - from % YEAR_MIN) % YEAR_MIN);
        let mut every_side = asn1rs::prelude::BitVec::with_len(16);
        (0..16).for_each(|bit| every_side.set_bit(bit));
        let sign = wire::RoadSignId {
            position: to_position3d(self.at)?,
            view_angle: wire::HeadingSlice(every_side),
            mutcd_code: None,
            crc: None,
        };
        Ok(wire::TravelerDataFrame {
            frame_type,
            msg_id: wire::TravelerDataFrameMsgId::RoadSignId(sign),
            start_time: to_minute("start_time_min", from)?.unwrap_or(wire::MinuteOfTheYear(NO_MINUTE)),
            duration_time: wire::MinutesDuration(minutes.unwrap_or(FOREVER_MIN).min(FOREVER_MIN) as u16),
            priority: wire::SignPriority(at_most("priority", self.priority.unwrap_or(0), 7)?),
            regions,
            content,
            ..wire::TravelerDataFrame::default()
        })
    }
}

fn from_frame(frame: &wire::TravelerDataFrame) -> Result<Said, DecodeError> {
    let sign = match &frame.msg_id {
        wire::TravelerDataFrameMsgId::RoadSignId(sign) => from_position3d(&sign.position),
        wire::TravelerDataFrameMsgId::FurtherInfoId(_) => None,
    };
    let Region { circle, paths } = from_regions(&frame.regions, sign.as_ref())?;
    let (itis, is_sign) = from_content(&frame.content);
    let texts: Vec<&str> =
        itis.iter().filter_map(|i| if let Itis::Text(t) = i { Some(t.as_str()) } else { None }).collect();
    let words = texts.join(" ");
    let description = (!words.is_empty() && words.len() <= 512).then_some(Description::TextString(words));
    let time_details = from_times(frame);
    let priority = Some(frame.priority.0);
    let reference_paths: Vec<ReferencePath> = paths;
    if is_sign {
        let rts = Rts { sign_pos: sign, description, time_details, priority, reference_paths, itis, ..Rts::default() };
        return Ok(Said::Sign(Box::new(rts)));
    }
    Ok(Said::Event(Box::new(Rte {
        event_type: itis::event_of(&itis).unwrap_or(0),
        event_pos: circle.map(|(centre, _)| centre).or(sign),
        event_radius_m: circle.map(|(_, radius_m)| radius_m),
        description,
        time_details,
        priority,
        reference_paths,
        itis,
        ..Rte::default()
    })))
}

fn from_times(frame: &wire::TravelerDataFrame) -> Option<TimeDetails> {
    let start = from_minute(Some(&frame.start_time))?;
    let minutes = u32::from(frame.duration_time.0);
    let end = (minutes < FOREVER_MIN).then_some((start + minutes) % YEAR_MIN);
    Some(TimeDetails { start_time_min: Some(start), end_time_min: end, end_time_confidence_s: None })
}

/// The phrases, and whether a sign says them.
fn from_content(content: &wire::TravelerDataFrameContent) -> (Vec<Itis>, bool) {
    use wire::TravelerDataFrameContent as Content;
    let code = |code: &wire::ItiScodes| Itis::Code(code.0);
    let phrase = |text: &wire::ItiStextPhrase| Itis::Text(text.0.clone());
    match content {
        Content::Advisory(items) => {
            let item = |item: &wire::ItiScodesAndTextItem| match &item.item {
                wire::ItiScodesAndTextItemItem::Itis(itis) => code(itis),
                wire::ItiScodesAndTextItemItem::Text(text) => Itis::Text(text.0.clone()),
            };
            (items.0.iter().map(item).collect(), false)
        }
        Content::WorkZone(items) => {
            let item = |item: &wire::WorkZoneItem| match &item.item {
                wire::WorkZoneItemItem::Itis(itis) => code(itis),
                wire::WorkZoneItemItem::Text(text) => phrase(text),
            };
            (items.0.iter().map(item).collect(), false)
        }
        Content::ExitService(items) => {
            let item = |item: &wire::ExitServiceItem| match &item.item {
                wire::ExitServiceItemItem::Itis(itis) => code(itis),
                wire::ExitServiceItemItem::Text(text) => phrase(text),
            };
            (items.0.iter().map(item).collect(), true)
        }
        Content::GenericSign(items) => {
            let item = |item: &wire::GenericSignageItem| match &item.item {
                wire::GenericSignageItemItem::Itis(itis) => code(itis),
                wire::GenericSignageItemItem::Text(text) => phrase(text),
            };
            (items.0.iter().map(item).collect(), true)
        }
        Content::SpeedLimit(items) => {
            let item = |item: &wire::SpeedLimitItem| match &item.item {
                wire::SpeedLimitItemItem::Itis(itis) => code(itis),
                wire::SpeedLimitItemItem::Text(text) => phrase(text),
            };
            (items.0.iter().map(item).collect(), true)
        }
    }
}
