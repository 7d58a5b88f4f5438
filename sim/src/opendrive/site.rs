//! The same road for the station: the site map of a junction, out of the very file that the simulation drives on.
//!
//! The station's importer reads the file itself and follows the reference lines with the same code as this module
//! ([`super::line`]); what the MAP message and the page show is where the cars drive.

pub use rsu::site_map::opendrive::{Import, ImportError, import_junction};

#[cfg(test)]
mod tests {
    use super::super::Network;
    use super::super::esmini::shared;
    use super::*;

    #[test]
    fn the_station_s_lanes_lie_in_the_middle_of_ours() {
        let Some(shared) = shared() else { return };
        for map in [
            "esmini/xodr/crest-curve.xodr",
            "esmini/xodr/fabriksgatan.xodr",
            "ncap/OpenDRIVE/NCAP/X-Intersection_NCAP.xodr",
        ] {
            let text = std::fs::read_to_string(shared.join(map)).unwrap();
            let network = Network::parse(&text, map).unwrap();
            let import = import_junction(&text, None).unwrap();
            let (mut points, mut worst) = (0, 0.0_f64);
            for lane in import.map.links.iter().flat_map(|link| &link.lanes) {
                for point in lane.centreline.iter().chain(lane.connections.iter().flat_map(|way| &way.path)) {
                    let (x, y) = (point[0] + import.origin[0], point[1] + import.origin[1]);
                    // In the junction roads lie on each other.
                    let off = network.locate_all(x, y).iter().map(|found| found.lane.offset.abs()).fold(9.0, f64::min);
                    (points, worst) = (points + 1, worst.max(off));
                }
            }
            println!("{map}: {points} points, worst {worst}");
            assert!(points >= 16 && worst < 0.02, "{map}: {points} {worst}");
        }
    }
}
