//! Which message set some bytes are of. No byte of a message says it, so the answer is given only when there is one.
//!
//! A profile *fits* when the bytes decode in it to the last bit, encode again to the same bytes, and have values that a
//! place and a time can have. Two editions of one message set share most messages: when all that fit read the same values,
//! the answer is the first of them, and it says that the others agree. When they read different values there is no answer.
//!
//! ```
//! use v2x_msgs::{Profile, detect, hex};
//! let bytes = hex::from_hex("44d8815db93d34cfe14a9dcec2a2b5f664914e80a0")?;
//! let detected = detect::detect(&bytes)?;
//! assert_eq!(detected.profile, Profile::Csae53_2020);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use serde_json::Value;
use thiserror::Error;

use crate::error::DecodeError;
use crate::{Profile, wire_json};

/// The profile that bytes are of.
#[derive(Clone, Debug, PartialEq)]
pub struct Detected {
    /// The profile.
    pub profile: Profile,
    /// Others that read the same values from the same bytes.
    pub alike: Vec<Profile>,
    /// The message, as [`wire_json::decode`] gives it.
    pub value: Value,
}

impl Detected {
    /// Why this profile, in one sentence.
    #[must_use]
    pub fn why(&self) -> String {
        match self.alike.as_slice() {
            [] => format!("only {} reads every bit and writes the same bytes again", self.profile),
            alike => format!("{} reads the same values as {}", self.profile, names(alike)),
        }
    }
}

/// Why no profile can be told.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DetectError {
    /// Profiles that contradict each other fit.
    #[error("{} fit, with different values; say which with --profile", names(.0))]
    Several(Vec<Profile>),
    /// No profile fits.
    #[error("no profile fits: {}", reasons(.0))]
    None(Vec<(Profile, Misfit)>),
}

/// Why one profile does not fit.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Misfit {
    /// The bytes are no message of it.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// They are, but of a kind that it does not know.
    #[error("it does not know the message")]
    Unknown,
    /// They are, but it writes the values with other bytes: something in them is not known to it.
    #[error("it writes these values with other bytes")]
    OtherBytes,
}

fn names(profiles: &[Profile]) -> String {
    let names: Vec<&str> = profiles.iter().map(|p| p.name()).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

fn reasons(misfits: &[(Profile, Misfit)]) -> String {
    misfits.iter().map(|(profile, why)| format!("{profile}: {why}")).collect::<Vec<_>>().join("; ")
}

/// The profile of some bytes.
///
/// # Errors
/// When none fits, with the reason of each, or when several fit that read different values.
pub fn detect(bytes: &[u8]) -> Result<Detected, DetectError> {
    detect_among(bytes, &Profile::ALL)
}

/// As [`detect`], among some profiles: the layer below may have told the message set already.
///
/// # Errors
/// As [`detect`].
pub fn detect_among(bytes: &[u8], profiles: &[Profile]) -> Result<Detected, DetectError> {
    let (mut fits, mut misfits) = (Vec::new(), Vec::new());
    for profile in profiles {
        match fit(bytes, *profile) {
            Ok(value) => fits.push((*profile, value)),
            Err(why) => misfits.push((*profile, why)),
        }
    }
    let mut fits = fits.into_iter();
    let Some((profile, value)) = fits.next() else { return Err(DetectError::None(misfits)) };
    let (alike, others): (Vec<_>, Vec<_>) = fits.partition(|(_, other)| *other == value);
    if others.is_empty() {
        let alike = alike.into_iter().map(|(profile, _)| profile).collect();
        return Ok(Detected { profile, alike, value });
    }
    let all = [profile].into_iter().chain(alike.into_iter().chain(others).map(|(profile, _)| profile));
    Err(DetectError::Several(all.collect()))
}

fn fit(bytes: &[u8], profile: Profile) -> Result<Value, Misfit> {
    let value = wire_json::decode(bytes, profile)?;
    if is_unknown(&value) {
        return Err(Misfit::Unknown);
    }
    let again = wire_json::encode(&value, profile).map_err(|_| Misfit::OtherBytes)?;
    if again != bytes {
        return Err(Misfit::OtherBytes);
    }
    match crate::decode(bytes, profile) {
        Err(error @ DecodeError::Implausible { .. }) => Err(error.into()),
        // A message without a form in SI units fits as well.
        _ => Ok(value),
    }
}

/// Whether the message itself, and not something in it, is kept as octets only.
fn is_unknown(value: &Value) -> bool {
    match value.get("choice").and_then(Value::as_str) {
        Some(name) if name.starts_with(wire_json::UNKNOWN_PREFIX) => true,
        _ => value.get("value").is_some_and(is_unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(profile: Profile, seed: u64) -> Value {
        let mut state = seed;
        // SplitMix64.
        wire_json::sample(profile, &mut || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ mixed >> 31
        })
    }

    #[test]
    fn what_is_detected_is_never_a_profile_with_other_values_than_it_was_made_with() {
        let (mut told, mut refused) = (0, 0);
        for profile in Profile::ALL {
            for seed in 0..300 {
                let value = sample(profile, seed);
                let bytes = wire_json::encode(&value, profile).unwrap();
                if matches!(crate::decode(&bytes, profile), Err(DecodeError::Implausible { .. })) {
                    // A random place beyond a pole, as nobody sends it.
                    continue;
                }
                match detect(&bytes) {
                    Ok(detected) => {
                        told += 1;
                        assert_eq!(detected.value, value, "{profile}, seed {seed}: {}", detected.why());
                        assert!(detected.profile == profile || detected.alike.contains(&profile));
                    }
                    // Two editions that contradict each other.
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(told > refused, "{told} told, {refused} refused");
    }

    #[test]
    fn what_is_no_message_has_the_reason_of_every_profile() {
        let error = detect(&[0xff; 5]).unwrap_err();
        let text = error.to_string();
        assert!(Profile::ALL.iter().all(|profile| text.contains(profile.name())), "{text}");
    }

    #[test]
    fn a_number_that_no_edition_has_is_no_fit() {
        // A message frame of SAE J2735 with number 1000 and two octets.
        let error = detect(&[0x03, 0xe8, 2, 9, 9]).unwrap_err();
        assert!(error.to_string().contains("j2735-2024: it does not know the message"), "{error}");
    }

    #[test]
    fn names_are_listed_as_one_speaks() {
        assert_eq!(names(&[Profile::Csae53_2020]), "csae53-2020");
        assert_eq!(names(&[Profile::Csae53_2020; 3]), "csae53-2020, csae53-2020 and csae53-2020");
    }
}
