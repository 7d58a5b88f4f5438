//! Time as a value. Nothing in this workspace below the shell reads a clock: a moment comes in as an argument.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment, in nanoseconds since 1970-01-01T00:00:00 UTC (POSIX time: leap seconds are not counted).
///
/// It is written as RFC 3339 UTC everywhere a person or another program reads it.
///
/// ```
/// use calibration::Timestamp;
/// let t = Timestamp::from_millis(1_700_000_000_250);
/// assert_eq!(t.to_string(), "2023-11-14T22:13:20.25Z");
/// assert_eq!("2023-11-14T22:13:20.25Z".parse::<Timestamp>().unwrap(), t);
/// ```
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From milliseconds since the Unix epoch; saturates.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// From seconds since the Unix epoch; saturates, and NaN becomes the epoch.
    #[must_use]
    pub fn from_secs_f64(secs: f64) -> Self {
        Self((secs * 1e9) as i64)
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Seconds since the Unix epoch (about 0.2 µs of resolution today).
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 * 1e-9
    }

    /// Signed seconds from `earlier` to `self`.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 * 1e-9
    }

    /// Signed milliseconds from `earlier` to `self`.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> f64 {
        self.seconds_since(earlier) * 1e3
    }

    /// `self` moved by signed seconds; saturates.
    #[must_use]
    pub fn offset_secs(self, secs: f64) -> Self {
        Self(self.0.saturating_add((secs * 1e9) as i64))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, step: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(step.as_nanos()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, step: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(step.as_nanos()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => write!(f, "{} ns since 1970", self.0),
        }
    }
}

/// The text is not a moment in RFC 3339 between the years 1678 and 2262.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a time; write it as 2026-03-01T12:04:31.7Z")]
pub struct ParseTimestampError(String);

impl FromStr for Timestamp {
    type Err = ParseTimestampError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed: jiff::Timestamp = text.parse().map_err(|_| ParseTimestampError(text.to_owned()))?;
        i64::try_from(parsed.as_nanosecond()).map(Self).map_err(|_| ParseTimestampError(text.to_owned()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A value with its time of validity: when light hit the sensor, never when the packet came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped<T> {
    /// Time of validity.
    pub tov: Timestamp,
    /// The value.
    pub value: T,
}
