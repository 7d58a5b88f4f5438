//! Roads out of ASAM OpenDRIVE files, versions 1.4 to 1.8: exact geometry, lanes, links, junctions, signals and objects.
//!
//! Read a [`Network`], then ask: where in the world is this lane position ([`Network::pose_at_lane`]), on which lane is this
//! point ([`Network::locate`]), where is a car after 20 m ([`Network::advance`]), how does one drive from here to there
//! ([`Network::route`]). Everything is `f64`, metres, radians; nothing is sampled except where a search needs a first guess.

mod error;
mod lane;
mod locate;
mod network;
mod pose;
mod route;
mod travel;

pub use error::OpenDriveError;
pub use lane::LaneKind;
pub use locate::Located;
pub use network::Network;
pub use pose::{LanePosition, Pose, RoadIndex, RoadPosition, wrap};
pub use route::RouteLeg;
pub use travel::{Advance, Choice, Fork, Halt, Way};
