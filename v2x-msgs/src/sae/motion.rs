//! Motion and the vehicle itself: speed, heading, acceleration, size.

pub(super) use super::acceleration::{from_acceleration, to_acceleration};
use crate::csae::named::{Named, from_enumerated, to_enumerated};
use crate::csae::quantity::{HEADING, HEIGHT, LENGTH, NO_HEADING, NO_SPEED, SPEED, STEERING, Steps, WIDTH};
use crate::error::EncodeError;
use crate::model::Transmission;
use crate::wire::j2735 as wire;

/// DE_SteeringWheelAngle: not available.
const NO_STEERING: i64 = 127;

/// DE_Speed and DE_Velocity.
pub(super) fn to_speed(field: &'static str, mps: Option<f64>) -> Result<u16, EncodeError> {
    mps.map_or(Ok(NO_SPEED), |mps| SPEED.saturate_above(field, mps).map(|steps| steps as u16))
}

pub(super) fn from_speed(speed: u16) -> Option<f64> {
    SPEED.known(i64::from(speed))
}

pub(super) fn to_heading(degrees: Option<f64>) -> Result<wire::Heading, EncodeError> {
    let steps = degrees.map_or(Ok(i64::from(NO_HEADING)), |deg| HEADING.around("heading_deg", deg))?;
    Ok(wire::Heading(steps as u16))
}

pub(super) fn from_heading(heading: &wire::Heading) -> Option<f64> {
    HEADING.known(i64::from(heading.0))
}

pub(super) fn to_steering(degrees: Option<f64>) -> Result<wire::SteeringWheelAngle, EncodeError> {
    let steps = degrees.map_or(Ok(NO_STEERING), |deg| STEERING.saturate("angle_deg", deg))?;
    Ok(wire::SteeringWheelAngle(steps as i8))
}

pub(super) fn from_steering(angle: &wire::SteeringWheelAngle) -> Option<f64> {
    STEERING.known(i64::from(angle.0))
}

pub(super) fn to_transmission(gear: Option<Transmission>) -> Result<wire::TransmissionState, EncodeError> {
    gear.map_or(Ok(wire::TransmissionState::Unavailable), |gear| to_enumerated("transmission", gear))
}

pub(super) fn from_transmission(gear: &wire::TransmissionState) -> Option<Transmission> {
    from_enumerated(gear)
}

/// An enumeration whose first enumerator says "not available".
pub(super) fn or_unavailable<C, M>(field: &'static str, value: Option<M>) -> Result<C, EncodeError>
where
    C: asn1rs::syn::enumerated::Constraint + Default,
    M: Named,
{
    value.map_or_else(|| Ok(C::default()), |value| to_enumerated(field, value))
}

/// Width and length; 0 is "not available".
pub(super) fn to_size(width_m: Option<f64>, length_m: Option<f64>) -> Result<wire::VehicleSize, EncodeError> {
    let side = |steps: Steps, field, m: Option<f64>| m.map_or(Ok(0), |m| steps.saturate_above(field, m));
    Ok(wire::VehicleSize {
        width: wire::VehicleWidth(side(WIDTH, "width_m", width_m)? as u16),
        length: wire::VehicleLength(side(LENGTH, "length_m", length_m)? as u16),
    })
}

pub(super) fn from_size(size: &wire::VehicleSize) -> (Option<f64>, Option<f64>) {
    (WIDTH.known(i64::from(size.width.0)), LENGTH.known(i64::from(size.length.0)))
}

pub(super) fn to_height(height_m: Option<f64>) -> Result<Option<wire::VehicleHeight>, EncodeError> {
    height_m.map(|m| HEIGHT.saturate_above("height_m", m).map(|steps| wire::VehicleHeight(steps as u8))).transpose()
}

pub(super) fn from_height(height: Option<&wire::VehicleHeight>) -> Option<f64> {
    height.and_then(|height| HEIGHT.known(i64::from(height.0)))
}
