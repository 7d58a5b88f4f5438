//! Roads out of ASAM OpenDRIVE files, versions 1.4 to 1.8: exact geometry, lanes, links, junctions, signals and objects.
//!
//! Read a [`Network`], then ask: where in the world is this lane position ([`Network::pose_at_lane`]), on which lane is this
//! point ([`Network::locate`]), where is a car after 20 m ([`Network::advance`]), how does one drive from here to there
//! ([`Network::route`]). Everything is `f64`, metres, radians; nothing is sampled except where a search needs a first guess.

mod distance;
mod drawing;
mod error;
#[cfg(test)]
mod esmini;
mod gaps;
mod index;
pub mod junction;
pub mod lane;
pub mod lateral;
mod locate;
mod network;
pub mod object;
mod place;
mod pose;
pub mod profile;
pub mod road;
mod route;
pub mod section;
pub mod signal;
pub mod site;
#[cfg(test)]
mod sketch;
mod summary;
#[cfg(test)]
mod tests;
mod travel;
mod wiring;
mod xml;

pub use drawing::LaneLine;
pub use error::OpenDriveError;
pub use gaps::Gap;
pub use junction::Junction;
pub use lane::LaneKind;
pub use locate::Located;
pub use network::{Header, Network};
pub use object::Object;
pub use pose::{LanePosition, Pose, RoadIndex, RoadPosition, wrap};
pub use road::{End, Road, Rule};
pub use route::RouteLeg;
/// The reference line, shared with the station's own importer.
pub use rsu::site_map::opendrive::line;
pub use signal::{Controller, Signal};
pub use summary::Summary;
pub use travel::{Advance, Choice, Fork, Halt, Way};
pub use xml::Note;
