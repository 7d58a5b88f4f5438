//! Rules of everything with an address: radios, zenoh, the page.

use std::net::SocketAddr;

use v2x_msgs::Profile;

use super::Rules;
use crate::config::RadioKind;

/// What is wrong with a `host:port`.
pub(super) fn host_port(text: &str) -> Result<(&str, u16), &'static str> {
    let Some((host, port)) = text.rsplit_once(':') else { return Err("expected `host:port`") };
    let v6 = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let named = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    // Something of digits and dots only is meant as an IPv4 address.
    let digits = host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let good = v6.map_or(named, |v6| v6.parse::<std::net::Ipv6Addr>().is_ok());
    if !good || (v6.is_none() && digits && host.parse::<std::net::Ipv4Addr>().is_err()) {
        return Err("the host is no name and no IP address");
    }
    match port.parse::<u16>() {
        Ok(port) if port > 0 => Ok((host, port)),
        _ => Err("the port is no number from 1 to 65535"),
    }
}

impl Rules<'_> {
    /// An address that something is sent to.
    fn target(&mut self, path: &[&str], text: &str, example: &str) {
        let key = path[path.len() - 1];
        let problem = match host_port(text) {
            Err(problem) => problem,
            Ok(("0.0.0.0" | "[::]", _)) => "nothing can be sent to the address of nobody",
            Ok(_) => return,
        };
        let help = format!("write it like `{key} = \"{example}\"`");
        self.error("config::address", path, format!("`{key}` is `{text}`: {problem}"), "not an address", help);
    }

    /// An address of this machine to listen on.
    pub(super) fn listen(&mut self, path: &[&str], text: &str, example: &str) {
        if text.parse::<SocketAddr>().is_ok_and(|address| address.port() > 0) {
            return;
        }
        let key = path[path.len() - 1];
        let title = format!("`{key}` is `{text}`, expected an IP address of this machine and a port");
        self.error(
            "config::address",
            path,
            title,
            "not such an address",
            format!("write it like `{key} = \"{example}\"`"),
        );
    }

    /// A secret is a reference, never the thing itself.
    pub(super) fn secret(&mut self, path: &[&str], text: Option<&str>) {
        let Some(text) = text else { return };
        let named = text.strip_prefix("file:").or_else(|| text.strip_prefix("env:"));
        if named.is_some_and(|name| !name.trim().is_empty()) {
            return;
        }
        let key = path[path.len() - 1];
        let title = format!("`{key}` holds the secret itself, expected where it is kept");
        let help = format!("write it into a file and name that: `{key} = \"file:{key}.secret\"`, or `\"env:NAME\"`");
        self.secret_error(path, title, "expected `file:…` or `env:…`", help);
    }

    pub(super) fn radios(&mut self) {
        let config = self.config;
        if config.radio.is_empty() {
            let help = "add a `[[radio]]`, for example `kind = \"udp\"`, `address = \"127.0.0.1:47200\"`";
            let title = "this unit has no radio: it speaks over zenoh only".into();
            self.warning("config::radio", &[], title, "no radio", help);
        }
        for (n, radio) in config.radio.iter().enumerate() {
            let number = n.to_string();
            let example = match radio.kind {
                RadioKind::Udp | RadioKind::Dsmp => "127.0.0.1:47200",
                RadioKind::ImmediateForward => "10.20.1.50:1516",
            };
            self.target(&["radio", &number, "address"], &radio.address, example);
            if let Some(listen) = &radio.listen {
                self.listen(&["radio", &number, "listen"], listen, "0.0.0.0:47201");
                self.free_port(n, listen);
            }
            if radio.kind == RadioKind::Dsmp && config.site.dialect == Profile::J2735_2024 {
                let title = format!(
                    "the radio `{}` frames Chinese messages, and the unit speaks `{}`",
                    radio.id, config.site.dialect
                );
                let help = "take `kind = \"immediate-forward\"` or `\"udp\"`, or another `dialect` under `[site]`";
                self.error(
                    "config::radio",
                    &["radio", &number, "kind"],
                    title,
                    "DSMP has no identifiers for them",
                    help,
                );
            }
            if radio.messages.is_empty() {
                let title = format!("the radio `{}` sends no message", radio.id);
                let help = "name some: `messages = [\"rsm\", \"spat\", \"map\", \"rsi\"]`, or take the radio out";
                self.warning("config::radio", &["radio", &number, "messages"], title, "empty", help);
            }
        }
    }

    fn free_port(&mut self, n: usize, listen: &str) {
        let earlier = &self.config.radio[..n];
        if let Some(first) = earlier.iter().find(|radio| radio.listen.as_deref() == Some(listen)) {
            let number = n.to_string();
            let title = format!("the radio `{}` already listens on `{listen}`", first.id);
            self.error("config::address", &["radio", &number, "listen"], title, "used twice", "choose another port");
        }
    }

    pub(super) fn corridor_link(&mut self) {
        let link = &self.config.corridor_link;
        for (key, endpoints) in [("connect", &link.connect), ("listen", &link.listen)] {
            for (n, endpoint) in endpoints.iter().enumerate() {
                let number = n.to_string();
                self.endpoint(&["corridor_link", key, &number], endpoint);
            }
        }
        if link.mode == "client" && link.connect.is_empty() && !link.scouting {
            let help = "add `connect = [\"tcp/10.20.0.1:7447\"]`, the address of a zenoh router";
            let title = "a zenoh client without a router reaches nobody".into();
            self.error("config::zenoh", &["corridor_link", "mode"], title, "whom does it connect to?", help);
        }
        if link.mode == "off" && !(link.connect.is_empty() && link.listen.is_empty()) {
            let title = "zenoh is off, its endpoints are not used".into();
            self.warning(
                "config::zenoh",
                &["corridor_link", "mode"],
                title,
                "off",
                "take the endpoints out, or write `mode = \"peer\"`",
            );
        }
    }

    fn endpoint(&mut self, path: &[&str], endpoint: &str) {
        let problem = match endpoint.split_once('/') {
            Some(("tcp", address)) => host_port(address).err(),
            Some(_) => Some("this build speaks zenoh over `tcp` only"),
            None => Some("expected `tcp/host:port`"),
        };
        if let Some(problem) = problem {
            let title = format!("the zenoh endpoint is `{endpoint}`: {problem}");
            self.error("config::zenoh", path, title, "not an endpoint", "write it like `tcp/10.20.0.1:7447`");
        }
    }

    pub(super) fn web(&mut self) {
        let web = &self.config.web;
        let path = ["web", "listen"];
        self.secret(&["web", "token"], web.token.as_deref());
        match web.listen.parse::<SocketAddr>() {
            Ok(address) if !address.ip().is_loopback() && web.token.is_none() => {
                let title = format!("the page would be open to everybody who reaches `{}`", web.listen);
                let help = "listen on `127.0.0.1:8080`, or add `token = \"file:web.secret\"`";
                self.error("config::token", &path, title, "not loopback, and no `token`", help);
            }
            Ok(_) => {}
            Err(_) => self.listen(&path, &web.listen, "127.0.0.1:8080"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_names_or_numbers_with_a_port() {
        for good in ["10.20.1.50:1516", "localhost:1", "radio-1.local:65535", "[::1]:80"] {
            assert!(host_port(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            ":",
            "a:",
            ":1",
            "10.20.1:1516",
            "10.20.1.500:1",
            "a b:1",
            "a:0",
            "a:65536",
            "a:-1",
            "::1:80",
            "[::z]:1",
            "udp://a:1",
        ] {
            assert!(host_port(bad).is_err(), "{bad}");
        }
    }
}
