//! Rules of cameras, lidars and their detectors.

use std::collections::BTreeMap;

use super::Rules;
use super::links::host_port;
use crate::config::diagnose::nearest;

impl Rules<'_> {
    pub(super) fn sensors(&mut self) {
        let config = self.config;
        if config.camera.is_empty() && config.lidar.is_empty() {
            let help = "add a `[[camera]]` or `[[lidar]]`; `rsu init` writes examples";
            self.warning("config::sensors", &[], "this unit has no sensor and stays silent".into(), "no sensor", help);
        }
        for n in 0..config.camera.len() {
            self.camera(n);
        }
        for n in 0..config.lidar.len() {
            self.lidar(n);
        }
        self.lidar_ports();
        self.unused_detectors();
    }

    fn camera(&mut self, n: usize) {
        let camera = &self.config.camera[n];
        let number = n.to_string();
        let at = |key| ["camera", number.as_str(), key];
        self.camera_url(&at("url"), &camera.url);
        self.secret(&at("secret"), camera.secret.as_deref());
        self.rate_fits_budget(&at("rate_hz"), camera.rate_hz);
        if camera.calibration.is_none() {
            self.no_calibration(&at("calibration"), &camera.id.0);
        }
        let simulated = camera.url.starts_with("sim:");
        match &camera.detector {
            Some(name) => {
                self.known_detector(&at("detector"), name);
                if self.config.detector.get(name).is_some_and(|d| d.model.is_none()) && !simulated {
                    let title = format!("the camera `{}` uses `[detector.{name}]`, which has no `model`", camera.id);
                    let help = "add `model = \"models/yolox_nano_416.toml\"`, the descriptor of a camera network";
                    self.error("config::model", &["detector", name], title, "a camera needs a network", help);
                }
            }
            None if !simulated => {
                let help = "add `detector = \"NAME\"` and a table `[detector.NAME]` with its `model`";
                let title = format!("the camera `{}` has no detector: it sees, but recognises nothing", camera.id);
                self.warning("config::detector", &at("detector"), title, "no `detector` here", help);
            }
            None => {}
        }
    }

    fn camera_url(&mut self, path: &[&str], url: &str) {
        if let Some((scheme, rest)) = url.split_once("://") {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            if let Some((user, _)) = host.rsplit_once('@') {
                let title =
                    format!("the password of `{}` stands in the address", user.split(':').next().unwrap_or(user));
                let help = "write `user:password` into a file of its own and name it: `secret = \"file:north.secret\"`";
                self.secret_error(path, title, "shown in logs and in `rsu config show`", help);
                return;
            }
            if !["rtsp", "rtsps"].contains(&scheme) {
                let title = format!("a camera cannot be read over `{scheme}://`");
                self.error(
                    "config::url",
                    path,
                    title,
                    "expected rtsp://",
                    "use the camera's `rtsp://` address, or a file",
                );
            } else if host.is_empty() || host.starts_with(':') {
                let title = "the address names no host".into();
                let help = "write it like `rtsp://10.20.1.11/stream1`";
                self.error("config::url", path, title, "no host", help);
            }
        } else if url.trim().is_empty() {
            let help = "write an `rtsp://` address, a video file, or a folder of pictures";
            self.error("config::url", path, "`url` is empty".into(), "nothing here", help);
        } else if let Some((scheme, _)) = url.split_once(":/") {
            let title = format!("`{scheme}:/` looks like an address with one slash");
            let help = format!("write `{scheme}://`, with two slashes");
            self.error("config::url", path, title, "one slash is missing", help);
        }
    }

    fn lidar(&mut self, n: usize) {
        let lidar = &self.config.lidar[n];
        let number = n.to_string();
        let at = |key| ["lidar", number.as_str(), key];
        match (&lidar.listen, &lidar.url) {
            (Some(_), Some(_)) => {
                let title = format!("the lidar `{}` has both `listen` and `url`", lidar.id);
                let help = "keep `listen` for a lidar on the network, or `url` for recorded data";
                self.error("config::lidar", &at("url"), title, "one of the two", help);
            }
            (None, None) => {
                let title = format!("the lidar `{}` has neither `listen` nor `url`", lidar.id);
                let help = "add `listen = \"0.0.0.0:2368\"` (its UDP port), or `url = \"FILE.pcap\"`";
                self.error("config::lidar", &at("listen"), title, "where does it come from?", help);
            }
            (Some(listen), None) => self.listen(&at("listen"), listen, "0.0.0.0:2368"),
            (None, Some(_)) => {}
        }
        self.rate_fits_budget(&at("rate_hz"), lidar.rate_hz);
        if lidar.calibration.is_none() {
            self.no_calibration(&at("calibration"), &lidar.id.0);
        }
        let Some(name) = &lidar.detector else { return };
        self.known_detector(&at("detector"), name);
        if self.config.detector.get(name).is_some_and(|d| d.model.is_some()) {
            let title = format!("the lidar `{}` uses `[detector.{name}]`, whose `model` is for cameras", lidar.id);
            let help = "leave `detector` out: the built-in clustering finds road users in the points";
            self.error("config::model", &at("detector"), title, "a camera network", help);
        }
    }

    fn lidar_ports(&mut self) {
        let mut seen = BTreeMap::new();
        for (n, lidar) in self.config.lidar.iter().enumerate() {
            let Some((_, port)) = lidar.listen.as_deref().and_then(|listen| host_port(listen).ok()) else { continue };
            if let Some(first) = seen.insert(port, &lidar.id) {
                let number = n.to_string();
                let title = format!("port {port} is already taken by the lidar `{first}`");
                let help = "set another data port in the lidar's own settings, and here";
                self.error("config::address", &["lidar", &number, "listen"], title, "used twice", help);
            }
        }
    }

    fn rate_fits_budget(&mut self, path: &[&str], rate_hz: f64) {
        let detect_ms = self.config.budget.detect_ms;
        if detect_ms > 0.0 && rate_hz * detect_ms > 1000.0 {
            let most = (1000.0 / detect_ms).floor();
            let title = format!("{} rate is above what the latency budget allows", path[0]);
            let label = format!("{rate_hz} Hz asked, at most {most} Hz");
            let help = format!(
                "lower `rate_hz`: with `[budget] detect_ms = {detect_ms}` a detector does {most} frames a second"
            );
            self.error("config::rate", path, title, &label, help);
        }
    }

    fn no_calibration(&mut self, path: &[&str], id: &str) {
        let title = format!("`{id}` has no calibration: what it sees cannot be placed, the unit stays silent");
        let help = format!("make one with `rsu calibrate extrinsics` and add `calibration = \"calib/{id}.toml\"`");
        self.warning("config::calibration", path, title, "no `calibration` here", help);
    }

    fn known_detector(&mut self, path: &[&str], name: &str) {
        let known = self.config.detector.keys().map(String::as_str);
        if self.config.detector.contains_key(name) {
            return;
        }
        let (label, help) = match nearest(name, known) {
            Some(near) => (format!("did you mean `{near}`?"), format!("write `detector = \"{near}\"`")),
            None => ("no such table".into(), format!("add a table `[detector.{name}]` with its `model`")),
        };
        self.error("config::reference", path, format!("there is no `[detector.{name}]`"), &label, help);
    }

    fn unused_detectors(&mut self) {
        let used = |name: &String| {
            let cameras = self.config.camera.iter().filter_map(|c| c.detector.as_ref());
            cameras.chain(self.config.lidar.iter().filter_map(|l| l.detector.as_ref())).any(|used| used == name)
        };
        let unused: Vec<&String> = self.config.detector.keys().filter(|name| !used(name)).collect();
        for name in unused {
            let title = format!("no sensor uses `[detector.{name}]`");
            let help = format!("add `detector = \"{name}\"` to a sensor, or take the table out");
            self.warning("config::unused", &["detector", name], title, "used by nobody", help);
        }
    }
}
