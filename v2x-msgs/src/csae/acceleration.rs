//! Acceleration in four ways, in every message set. Compiled for the types of each.

use super::wire;
use crate::csae::quantity::{ACCELERATION, NO_ACCELERATION, NO_VERTICAL, VERTICAL, YAW_RATE};
use crate::error::EncodeError;
use crate::model::Acceleration;

pub(crate) fn to_acceleration(set: &Acceleration) -> Result<wire::AccelerationSet4Way, EncodeError> {
    let flat = |field, value: Option<f64>| value.map_or(Ok(NO_ACCELERATION), |a| ACCELERATION.saturate(field, a));
    let up = set.vert_mps2.map_or(Ok(NO_VERTICAL), |a| VERTICAL.saturate("vert_mps2", a))?;
    Ok(wire::AccelerationSet4Way {
        long: wire::Acceleration(flat("long_mps2", set.long_mps2)? as i16),
        lat: wire::Acceleration(flat("lat_mps2", set.lat_mps2)? as i16),
        vert: wire::VerticalAcceleration(up as i8),
        yaw: wire::YawRate(YAW_RATE.saturate("yaw_dps", set.yaw_dps)? as i16),
    })
}

pub(crate) fn from_acceleration(set: &wire::AccelerationSet4Way) -> Acceleration {
    Acceleration {
        long_mps2: ACCELERATION.known(i64::from(set.long.0)),
        lat_mps2: ACCELERATION.known(i64::from(set.lat.0)),
        vert_mps2: VERTICAL.known(i64::from(set.vert.0)),
        yaw_dps: YAW_RATE.value(i64::from(set.yaw.0)),
    }
}
