//! RSI: the dangers the unit sees, while they last.

use calibration::Timestamp;
use nalgebra::Vector3;
use v2x_msgs::model::{self, Description, EventSource, Message, ReferenceLink, Rte, TimeDetails};
use v2x_msgs::units;

use super::{Pace, Site, node};
use crate::config::{Rsi, RsiCodes};
use crate::event::{Warning, WarningKind};
use crate::outbox::Outbox;
use crate::site_map::{NodeId, SiteMap};
use crate::world::World;

/// Events in a message (T/CSAE 53-2020, DF_RTEList: at most 8).
pub const EVENTS: usize = 8;

/// Says which dangers there are: at once when one is new, then `rate_hz` times a second.
#[derive(Debug)]
pub struct RsiService {
    site: Site,
    pace: Pace,
    msg_cnt: u8,
    /// Newest warning that was said.
    said: u32,
    active: bool,
    links: Vec<(String, NodeId, NodeId)>,
    codes: RsiCodes,
}

impl RsiService {
    /// Repeats each warning `config.rate_hz` times a second; 0: never speaks.
    #[must_use]
    pub fn new(site: &Site, map: Option<&SiteMap>, config: &Rsi) -> Self {
        let links = map.iter().flat_map(|map| &map.links).map(|link| (link.name.clone(), link.from, link.to)).collect();
        let pace = Pace::new(config.rate_hz, Timestamp::default());
        Self { site: site.clone(), pace, msg_cnt: 0, said: 0, active: false, links, codes: config.codes }
    }

    /// When it wants to speak next; only while a warning is active.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.pace.due().filter(|_| self.active)
    }

    /// Speaks of every active warning when one is new or the repetition is due.
    pub fn step(&mut self, world: &World, out: &mut Outbox) {
        let newest = world.warnings.iter().map(|w| w.id).max();
        self.active = newest.is_some();
        let Some(newest) = newest else {
            return;
        };
        let new = newest > self.said;
        if self.pace.due().is_none() || !(new || self.pace.due() <= Some(world.at)) {
            return;
        }
        self.said = newest;
        self.pace.restart(world.at);
        for warnings in world.warnings.chunks(EVENTS) {
            let rtes = warnings.iter().map(|warning| self.event(warning)).collect();
            let rsi = model::Rsi {
                msg_cnt: self.msg_cnt,
                moy: Some(units::wire_time(world.at.as_millis()).minute_of_year),
                id: self.site.id,
                ref_pos: Some(self.site.ref_pos()),
                rtes,
                rtss: Vec::new(),
            };
            self.msg_cnt = units::next_count(self.msg_cnt);
            out.send(world, &Message::Rsi(rsi), world.tov, warnings.len());
        }
    }

    fn event(&self, warning: &Warning) -> Rte {
        let (event_type, radius_m, priority, text) = match warning.kind {
            WarningKind::PedestrianOnRoad => (self.codes.pedestrian_on_road, 5.0, 6, "pedestrian on road"),
            WarningKind::StoppedVehicle => (self.codes.stopped_vehicle, 10.0, 4, "stopped vehicle"),
            WarningKind::WrongWay => (self.codes.wrong_way, 20.0, 7, "wrong way"),
        };
        let [east, north] = warning.position;
        Rte {
            // DE: 0..255, local to the unit; with at most 64 active warnings two never share one.
            rte_id: (warning.id % 256) as u8,
            event_type,
            event_source: EventSource::Detection,
            event_pos: Some(self.site.position(Vector3::new(east, north, 0.0))),
            event_radius_m: Some(radius_m),
            description: Some(Description::TextString(text.into())),
            time_details: Some(TimeDetails {
                start_time_min: Some(units::wire_time(warning.since.as_millis()).minute_of_year),
                ..TimeDetails::default()
            }),
            priority: Some(priority),
            reference_paths: Vec::new(),
            reference_links: self.reference(warning).into_iter().collect(),
            event_confidence: None,
            itis: Vec::new(),
        }
    }

    fn reference(&self, warning: &Warning) -> Option<ReferenceLink> {
        let (link, lane) = warning.lane.as_deref()?.rsplit_once('/')?;
        let (_, from, to) = self.links.iter().find(|(name, _, _)| name == link)?;
        // T/CSAE 53-2020, DE_ReferenceLanes: bits 1..15 are lanes.
        let lane = lane.parse::<u8>().ok().filter(|lane| (1..=15).contains(lane));
        Some(ReferenceLink {
            upstream_node_id: node(*from),
            downstream_node_id: node(*to),
            reference_lanes: lane.map(|lane| [lane].into()),
        })
    }
}
