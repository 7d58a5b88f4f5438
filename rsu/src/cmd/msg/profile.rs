//! Which message set a command reads: one that was named, or the one that the bytes themselves leave no doubt about.

use std::fmt;
use std::str::FromStr;

use v2x_msgs::Profile;
use v2x_msgs::detect::{self, Detected};
use v2x_msgs::net::aid::Network;

/// `--profile`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(in crate::cmd) enum Choice {
    /// This one.
    Is(Profile),
    /// Whichever the bytes are of.
    Auto,
}

/// The profile of one message, and why it is that one when nobody named it.
pub(in crate::cmd) struct Read {
    pub profile: Profile,
    pub why: Option<String>,
}

impl Choice {
    /// The profile of some bytes, of which the network that brought them may be known.
    pub(in crate::cmd) fn of(choice: Option<Choice>, octets: &[u8], network: Option<Network>) -> anyhow::Result<Read> {
        let among = network.map_or(Profile::ALL.to_vec(), sets);
        match choice {
            Some(Choice::Is(profile)) => Ok(Read { profile, why: None }),
            Some(Choice::Auto) => {
                let detected: Detected = detect::detect_among(octets, &among)?;
                Ok(Read { profile: detected.profile, why: Some(detected.why()) })
            }
            None => match (network, among.as_slice()) {
                (Some(network), [profile, ..]) => {
                    let layer = if network == Network::Dsmp { "DSMP" } else { "WSMP" };
                    Ok(Read { profile: *profile, why: Some(format!("{layer} carries the messages of {profile}")) })
                }
                _ => Ok(Read { profile: Profile::default(), why: None }),
            },
        }
    }

    /// The profile for messages that are made, not read.
    pub(super) fn to_encode(self) -> anyhow::Result<Profile> {
        match self {
            Choice::Is(profile) => Ok(profile),
            Choice::Auto => anyhow::bail!("a message is made for one profile: name it with --profile"),
        }
    }
}

/// The message sets that a network carries, the usual one first.
fn sets(network: Network) -> Vec<Profile> {
    let of = |profile: &Profile| match network {
        Network::Wsmp => profile.name().starts_with("j2735"),
        Network::Dsmp => !profile.name().starts_with("j2735"),
    };
    Profile::ALL.into_iter().filter(of).collect()
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Choice, String> {
        if text == "auto" {
            return Ok(Choice::Auto);
        }
        text.parse().map(Choice::Is).map_err(|e| format!("{e}, and auto"))
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Choice::Is(profile) => profile.fmt(f),
            Choice::Auto => f.write_str("auto"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_named_and_auto_is_one_of_the_names() {
        for profile in Profile::ALL {
            assert_eq!(profile.name().parse(), Ok(Choice::Is(profile)));
        }
        assert_eq!("auto".parse(), Ok(Choice::Auto));
        assert_eq!("j3224".parse(), "j2735-2024".parse::<Choice>());
        assert!("j2735".parse::<Choice>().unwrap_err().contains("csae53-2020"));
        assert!(Choice::Auto.to_encode().is_err());
    }

    #[test]
    fn without_a_name_the_network_decides_and_says_so() {
        let read = Choice::of(None, &[], Some(Network::Dsmp)).unwrap();
        assert_eq!(read.profile, Profile::Csae53_2020);
        assert_eq!(read.why.as_deref(), Some("DSMP carries the messages of csae53-2020"));
        let read = Choice::of(None, &[], None).unwrap();
        assert_eq!((read.profile, read.why), (Profile::default(), None));
    }
}
