//! Motion and the vehicle itself: speed, heading, acceleration, size, class. BSM and RSM share them.

pub(crate) use super::acceleration::{from_acceleration, to_acceleration};
use super::wire;
use crate::csae::confidence::{HEADING_DEG, SPEED_MPS, STEER_DEG, from_step, to_step};
use crate::csae::named::{from_enumerated, to_enumerated};
use crate::csae::quantity::{HEADING, HEIGHT, LENGTH, NO_HEADING, NO_SPEED, SPEED, STEERING, Steps, WIDTH, at_most};
use crate::error::EncodeError;
use crate::model::{MotionConfidence, Transmission, VehicleClass, VehicleSize};

pub(crate) fn to_speed(field: &'static str, mps: Option<f64>) -> Result<wire::Speed, EncodeError> {
    Ok(to_speed_or_none(field, mps)?.unwrap_or(wire::Speed(NO_SPEED)))
}

pub(crate) fn to_speed_or_none(field: &'static str, mps: Option<f64>) -> Result<Option<wire::Speed>, EncodeError> {
    mps.map(|mps| SPEED.saturate_above(field, mps).map(|steps| wire::Speed(steps as u16))).transpose()
}

pub(crate) fn from_speed(speed: &wire::Speed) -> Option<f64> {
    SPEED.known(i64::from(speed.0))
}

pub(crate) fn to_heading(degrees: Option<f64>) -> Result<wire::Heading, EncodeError> {
    Ok(to_heading_or_none(degrees)?.unwrap_or(wire::Heading(NO_HEADING)))
}

pub(crate) fn to_heading_or_none(degrees: Option<f64>) -> Result<Option<wire::Heading>, EncodeError> {
    degrees.map(|deg| HEADING.around("heading_deg", deg).map(|steps| wire::Heading(steps as u16))).transpose()
}

pub(crate) fn from_heading(heading: &wire::Heading) -> Option<f64> {
    HEADING.known(i64::from(heading.0))
}

pub(crate) fn to_steering(degrees: Option<f64>) -> Result<Option<wire::SteeringWheelAngle>, EncodeError> {
    let angle = |deg| STEERING.saturate("angle_deg", deg).map(|steps| wire::SteeringWheelAngle(steps as i8));
    degrees.map(angle).transpose()
}

pub(crate) fn from_steering(angle: Option<&wire::SteeringWheelAngle>) -> Option<f64> {
    angle.and_then(|angle| STEERING.known(i64::from(angle.0)))
}

pub(crate) fn to_transmission(gear: Option<Transmission>) -> Result<wire::TransmissionState, EncodeError> {
    gear.map_or(Ok(wire::TransmissionState::Unavailable), |gear| to_enumerated("transmission", gear))
}

pub(crate) fn from_transmission(gear: &wire::TransmissionState) -> Option<Transmission> {
    from_enumerated(gear)
}

pub(crate) fn to_motion_cfd(confidence: &MotionConfidence) -> Result<wire::MotionConfidenceSet, EncodeError> {
    Ok(wire::MotionConfidenceSet {
        speed_cfd: to_step("speed_mps", &SPEED_MPS, confidence.speed_mps)?,
        heading_cfd: to_step("heading_deg", &HEADING_DEG, confidence.heading_deg)?,
        steer_cfd: to_step("steer_deg", &STEER_DEG, confidence.steer_deg)?,
    })
}

pub(crate) fn from_motion_cfd(confidence: &wire::MotionConfidenceSet) -> MotionConfidence {
    MotionConfidence {
        speed_mps: confidence.speed_cfd.as_ref().and_then(|step| from_step(&SPEED_MPS, step)),
        heading_deg: confidence.heading_cfd.as_ref().and_then(|step| from_step(&HEADING_DEG, step)),
        steer_deg: confidence.steer_cfd.as_ref().and_then(|step| from_step(&STEER_DEG, step)),
    }
}

pub(crate) fn to_size(size: &VehicleSize) -> Result<wire::VehicleSize, EncodeError> {
    // 0 is "not available".
    let side = |steps: Steps, field, m: Option<f64>| m.map_or(Ok(0), |m| steps.saturate_above(field, m));
    let height = size.height_m.map(|m| HEIGHT.saturate_above("height_m", m)).transpose()?;
    Ok(wire::VehicleSize {
        width: wire::VehicleWidth(side(WIDTH, "width_m", size.width_m)? as u16),
        length: wire::VehicleLength(side(LENGTH, "length_m", size.length_m)? as u16),
        height: height.map(|steps| wire::VehicleHeight(steps as u8)),
    })
}

pub(crate) fn from_size(size: &wire::VehicleSize) -> VehicleSize {
    VehicleSize {
        width_m: WIDTH.known(i64::from(size.width.0)),
        length_m: LENGTH.known(i64::from(size.length.0)),
        height_m: size.height.as_ref().and_then(|height| HEIGHT.known(i64::from(height.0))),
    }
}

pub(crate) fn to_class(class: &VehicleClass) -> Result<wire::VehicleClassification, EncodeError> {
    let fuel = class.fuel_type.map(|fuel| at_most("fuel_type", fuel, 15)).transpose()?;
    Ok(wire::VehicleClassification {
        classification: wire::BasicVehicleClass(class.classification),
        fuel_type: fuel.map(wire::FuelType),
    })
}

pub(crate) fn from_class(class: &wire::VehicleClassification) -> VehicleClass {
    VehicleClass { classification: class.classification.0, fuel_type: class.fuel_type.as_ref().map(|fuel| fuel.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_acceleration_and_size_of_the_wire_comes_back() {
        for raw in -127..=127_i8 {
            let wire = wire::AccelerationSet4Way {
                long: wire::Acceleration(i16::from(raw) * 15),
                lat: wire::Acceleration(2_001),
                vert: wire::VerticalAcceleration(raw),
                yaw: wire::YawRate(i16::from(raw) * 258),
            };
            assert_eq!(to_acceleration(&from_acceleration(&wire)), Ok(wire));
        }
        for raw in 0..=127_u8 {
            let wire = wire::VehicleSize {
                width: wire::VehicleWidth(u16::from(raw) * 8),
                length: wire::VehicleLength(u16::from(raw) * 32),
                height: (raw > 0).then_some(wire::VehicleHeight(raw)),
            };
            assert_eq!(to_size(&from_size(&wire)), Ok(wire));
        }
        for raw in -126..=126_i8 {
            let wire = Some(wire::SteeringWheelAngle(raw));
            assert_eq!(to_steering(from_steering(wire.as_ref())), Ok(wire));
        }
    }

    #[test]
    fn a_very_thin_thing_is_not_of_unknown_width() {
        let size = VehicleSize { width_m: Some(0.001), length_m: Some(99.0), height_m: Some(0.0) };
        let wire = to_size(&size).unwrap();
        assert_eq!((wire.width.0, wire.length.0, wire.height.map(|h| h.0)), (1, 4_095, Some(1)));
        assert!(to_size(&VehicleSize { width_m: Some(-1.0), ..size }).is_err());
    }
}
